// What a style sheet or an icon is to a test: something, and no matter what.
export default '<svg/>';
