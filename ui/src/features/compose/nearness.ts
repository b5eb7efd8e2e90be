// Tells rows of a long list whether they are near what can be seen, so that only those are drawn.
const MARGIN = '400px 0px';

export interface Nearness {
  root: (element: HTMLElement | undefined) => void;
  watch: (node: HTMLElement, seen: (near: boolean) => void) => () => void;
  stop: () => void;
}

export function nearness(): Nearness {
  const listeners = new Map<Element, (near: boolean) => void>();
  let observer: IntersectionObserver | null = null;

  return {
    root(element) {
      observer?.disconnect();
      if (!element) return;
      observer = new IntersectionObserver(
        (entries) => {
          for (const entry of entries) listeners.get(entry.target)?.(entry.isIntersecting);
        },
        { root: element, rootMargin: MARGIN },
      );
      for (const node of listeners.keys()) observer.observe(node);
    },
    watch(node, seen) {
      listeners.set(node, seen);
      observer?.observe(node);
      return () => {
        listeners.delete(node);
        observer?.unobserve(node);
      };
    },
    stop() {
      observer?.disconnect();
      observer = null;
    },
  };
}
