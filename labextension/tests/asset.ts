// What a style sheet or an icon is to a test: nothing.
export default '';
