/** What Vite makes of an import with `?url`: the address of the file in the built page. */
declare module '*?url' {
  const url: string;
  export default url;
}
