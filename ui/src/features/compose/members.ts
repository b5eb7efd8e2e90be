// Members of a message beside `role` and `content` that have a form. Any other is edited as JSON.
import type { Role } from '../../bindings/Role';

export interface MemberForm {
  name: string;
  roles: Role[];
  isText: boolean;
  /** JSON text it starts with. */
  start: string;
  example: string | null;
}

export const MEMBERS: MemberForm[] = [
  { name: 'tool_call_id', roles: ['tool'], isText: true, start: '""', example: null },
  {
    name: 'tool_calls',
    roles: ['assistant'],
    isText: false,
    start: '[]',
    example:
      '[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"Oslo\\"}"}}]',
  },
  {
    name: 'name',
    roles: ['developer', 'system', 'user', 'assistant', 'tool'],
    isText: true,
    start: '""',
    example: null,
  },
  { name: 'refusal', roles: ['assistant'], isText: true, start: '""', example: null },
];

export function membersToAdd(role: Role, present: readonly { name: string }[]): MemberForm[] {
  return MEMBERS.filter((form) => form.roles.includes(role) && !present.some(({ name }) => name === form.name));
}
