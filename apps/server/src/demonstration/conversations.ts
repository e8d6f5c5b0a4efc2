/** What the demonstration's people have said; who says it is a role of a project, not a person. */
export const chatMessages: readonly { channel: string; sender_id: string; body: string }[] = [
  {
    channel: 'project:1',
    sender_id: 'u-manager-1',
    body: 'Night possession is confirmed for the weekend of the 12th.',
  },
  {
    channel: 'project:1',
    sender_id: 'u-engineer-1',
    body: 'Bearing replacement fits the window if the crane is rigged by 22:00.',
  },
  {
    channel: 'project:1',
    sender_id: 'u-inspector-1',
    body: 'Pier 3 shows new cracking below the cap; photographs follow.',
  },
  {
    channel: 'project:1',
    sender_id: 'u-engineer-1',
    body: 'Noted, @u-inspector-1. I will widen the survey to piers 2 to 4.',
  },
  {
    channel: 'project:2',
    sender_id: 'u-manager-2',
    body: 'The supplier moved the valve delivery by a week.',
  },
  {
    channel: 'project:2',
    sender_id: 'u-engineer-2',
    body: 'Then we commission chamber 5 first and leave 4 for later.',
  },
  {
    channel: 'site-safety',
    sender_id: 'u-inspector-2',
    body: 'Toolbox talk at 07:00: working near live services.',
  },
  { channel: 'site-safety', sender_id: 'u-manager-1', body: 'Everybody on the north site attends, please.' },
];

/** Threads of comments on rows of the demonstration, each with its answers. */
export const commentThreads: readonly {
  entity_type: string;
  entity_id: string;
  comments: readonly { author_id: string; body: string }[];
}[] = [
  {
    entity_type: 'work_orders',
    entity_id: '2',
    comments: [
      { author_id: 'u-engineer-2', body: 'Blocked until the traffic permit is renewed.' },
      { author_id: 'u-manager-2', body: 'The permit is in the post; resume on Thursday.' },
    ],
  },
  {
    entity_type: 'contracts',
    entity_id: '3',
    comments: [
      { author_id: 'u-manager-1', body: 'The retention percentage differs from the tender; please check.' },
    ],
  },
  {
    entity_type: 'assets',
    entity_id: '3',
    comments: [{ author_id: 'u-inspector-1', body: 'Condition score lowered after the last visit.' }],
  },
];

/** Pages that the demonstration's people have looked at. */
export const viewedPages = [
  '/projects',
  '/projects/1',
  '/work-orders',
  '/assets/7',
  '/inspections',
  '/contracts/4',
];
