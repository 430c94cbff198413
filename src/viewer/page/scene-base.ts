/** Where the scene's files are, seen from the page. */
export const sceneBase = new URL('./scene/', document.baseURI).href;
