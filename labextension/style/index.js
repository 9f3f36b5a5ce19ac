import './base.css';
import './log.css';
import './overview.css';
import './runs.css';
import './previous.css';
