// Each tab puts what it offers (a choice of views, Copy, …) into the head of the inspector, which stays while tabs change.
import { createContext, type Snippet } from 'svelte';

export interface DockHead {
  /** Shows the tools until the returned function is called. */
  offer(tools: Snippet): () => void;
}

const [useDockHead, setDockHead] = createContext<DockHead>();
export { setDockHead, useDockHead };
