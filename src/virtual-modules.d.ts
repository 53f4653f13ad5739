declare module 'virtual:scenes' {
  import type { Scene } from './protocol/scene.ts';
  const scenes: readonly Scene[];
  export default scenes;
}
