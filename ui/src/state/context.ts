import { createContext } from 'svelte';
import type { App } from './app.svelte';

const [getApp, setContext] = createContext<App>();

/** Gives the app to every component below the one that calls this while it is made. */
export const setApp = setContext;
export const useApp = getApp;
