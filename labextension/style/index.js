import './base.css';
import './log.css';
