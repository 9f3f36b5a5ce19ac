// What a style sheet or an icon is to a test: something, and no matter what.
export default '<svg xmlns="http://www.w3.org/2000/svg"/>';
