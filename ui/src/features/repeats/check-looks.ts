import type { CheckState } from '../../bindings/CheckState';
import type { IconName } from '../../components/icons';

interface Look {
  tone: 'plain' | 'bad' | 'warn' | 'line';
  icon: IconName;
  word: string;
}

export const looks: Record<CheckState, Look> = {
  passed: { tone: 'plain', icon: 'check', word: 'passed' },
  failed: { tone: 'bad', icon: 'close', word: 'failed' },
  notJudged: { tone: 'line', icon: 'minus', word: 'not judged' },
  cannotTell: { tone: 'warn', icon: 'help', word: 'cannot tell' },
};
