// The light build leaves out subtitles and extra sound tracks; its types are the whole build's.
declare module "hls.js/light" {
  export { default } from "hls.js";
}
