/**
 * Models the admin interface's list of itself: every command of Envoy, also those that mean nothing
 * here.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin
 */

export interface AdminCommand {
  readonly path: string;
  /** What changes something wants POST. */
  readonly mutates?: boolean;
  readonly help: string;
  readonly parameters?: readonly (readonly [name: string, help: string])[];
}

export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  {
    path: '/',
    help: 'Admin home page',
  },
  {
    path: '/allocprofiler',
    mutates: true,
    help: 'enable/disable the allocation profiler (if supported)',
    parameters: [['enable', 'enable/disable the allocation profiler; One of (y, n)']],
  },
  {
    path: '/certs',
    help: 'print certs on machine',
  },
  {
    path: '/clusters',
    help: 'upstream cluster status',
    parameters: [['filter', 'Regular expression (Google re2) for filtering clusters by name']],
  },
  {
    path: '/config_dump',
    help: 'dump current Envoy configs',
    parameters: [
      ['resource', 'The resource to dump'],
      [
        'mask',
        'The mask to apply. When both resource and mask are specified, the mask is applied to every element in the desired repeated field so that only a subset of fields are returned. The mask is parsed as a Protobuf::FieldMask',
      ],
      [
        'name_regex',
        'Dump only the currently loaded configurations whose names match the specified regex. Can be used with both resource and mask query parameters.',
      ],
      [
        'include_eds',
        'Dump currently loaded configuration including EDS. See the response definition for more information',
      ],
    ],
  },
  {
    path: '/contention',
    help: 'dump current Envoy mutex contention stats (if enabled)',
  },
  {
    path: '/cpuprofiler',
    mutates: true,
    help: 'enable/disable the CPU profiler',
    parameters: [['enable', 'enables the CPU profiler; One of (y, n)']],
  },
  {
    path: '/drain_listeners',
    mutates: true,
    help: 'drain listeners',
    parameters: [
      [
        'graceful',
        'When draining listeners, enter a graceful drain period prior to closing listeners. This behaviour and duration is configurable via server options or CLI',
      ],
      [
        'skip_exit',
        'When draining listeners, drain the connections but never stop the listeners. The graceful parameter has no effect when this is set, since the drain period only delays stopping the listeners',
      ],
      [
        'inboundonly',
        'Drains all inbound listeners. traffic_direction field in envoy_v3_api_msg_config.listener.v3.Listener is used to determine whether a listener is inbound or outbound.',
      ],
    ],
  },
  {
    path: '/healthcheck/fail',
    mutates: true,
    help: 'cause the server to fail health checks',
  },
  {
    path: '/healthcheck/ok',
    mutates: true,
    help: 'cause the server to pass health checks',
  },
  {
    path: '/heap_dump',
    help: 'dump current Envoy heap (if supported)',
  },
  {
    path: '/heapprofiler',
    mutates: true,
    help: 'enable/disable the heap profiler',
    parameters: [['enable', 'enable/disable the heap profiler; One of (y, n)']],
  },
  {
    path: '/help',
    help: 'print out list of admin commands',
  },
  {
    path: '/hot_restart_version',
    help: 'print the hot restart compatibility version',
  },
  {
    path: '/init_dump',
    help: 'dump current Envoy init manager information (experimental)',
    parameters: [
      [
        'mask',
        'The desired component to dump unready targets. The mask is parsed as a Protobuf::FieldMask. For example, get the unready targets of all listeners with /init_dump?mask=listener`',
      ],
    ],
  },
  {
    path: '/listeners',
    help: 'print listener info',
    parameters: [['format', 'File format to use; One of (text, json)']],
  },
  {
    path: '/logging',
    mutates: true,
    help: 'query/change logging levels',
    parameters: [
      [
        'paths',
        'Change multiple logging levels by setting to <logger_name1>:<desired_level1>,<logger_name2>:<desired_level2>. If fine grain logging is enabled, use __FILE__ or a glob experision as the logger name. For example, source/common*:warning',
      ],
      [
        'group',
        'Change given logger group to desired level, set to <logger_group_name>:<desired_level>. logger_group_name must be a logger name.',
      ],
      [
        'level',
        "desired logging level, this will change all loggers's level; One of (, trace, debug, info, warning, error, critical, off)",
      ],
    ],
  },
  {
    path: '/memory',
    help: 'print current allocation/heap usage',
  },
  {
    path: '/memory/tcmalloc',
    help: 'print TCMalloc stats',
  },
  {
    path: '/peak_heap_dump',
    help: 'dump peak Envoy heap (if supported)',
  },
  {
    path: '/quitquitquit',
    mutates: true,
    help: 'exit the server',
  },
  {
    path: '/ready',
    help: 'print server state, return 200 if LIVE, otherwise return 503',
  },
  {
    path: '/reopen_logs',
    mutates: true,
    help: 'reopen access logs',
  },
  {
    path: '/reset_counters',
    mutates: true,
    help: 'reset all counters to zero',
  },
  {
    path: '/runtime',
    help: 'print runtime values',
  },
  {
    path: '/runtime_modify',
    mutates: true,
    help: 'Adds or modifies runtime values as passed in query parameters. To delete a previously added key, use an empty string as the value. Note that deletion only applies to overrides added via this endpoint; values loaded from disk can be modified via override but not deleted. E.g. ?key1=value1&key2=value2...',
  },
  {
    path: '/server_info',
    help: 'print server version/status information',
  },
  {
    path: '/stats',
    help: 'print server stats',
    parameters: [
      ['usedonly', 'Only include stats that have been written by system since restart'],
      ['filter', 'Regular expression (Google re2) for filtering stats'],
      ['invert_filter', 'Invert the filter regex'],
      ['format', 'Format to use; One of (html, active-html, text, json)'],
      ['type', 'Stat types to include.; One of (All, Counters, Histograms, Gauges, TextReadouts)'],
      [
        'histogram_buckets',
        'Histogram bucket display mode; One of (cumulative, disjoint, detailed, summary)',
      ],
    ],
  },
  {
    path: '/stats/prometheus',
    help: 'print server stats in prometheus format',
    parameters: [
      ['usedonly', 'Only include stats that have been written by system since restart'],
      [
        'text_readouts',
        'Render text_readouts as new gaugues with value 0 (increases Prometheus data size)',
      ],
      ['filter', 'Regular expression (Google re2) for filtering stats'],
      ['invert_filter', 'Invert the filter regex'],
      ['histogram_buckets', 'Histogram bucket display mode; One of (cumulative, summary)'],
    ],
  },
  {
    path: '/stats/recentlookups',
    help: 'Show recent stat-name lookups',
  },
  {
    path: '/stats/recentlookups/clear',
    mutates: true,
    help: 'clear list of stat-name lookups and counter',
  },
  {
    path: '/stats/recentlookups/disable',
    mutates: true,
    help: 'disable recording of reset stat-name lookup names',
  },
  {
    path: '/stats/recentlookups/enable',
    mutates: true,
    help: 'enable recording of reset stat-name lookup names',
  },
];

/** The list as GET /help prints it. */
export function commandList(): string {
  return ADMIN_COMMANDS.map(({ path, mutates, help, parameters = [] }) =>
    [
      `  ${path}${mutates ? ' (POST)' : ''}: ${help}\n`,
      ...parameters.map(([name, text]) => `      ${name}: ${text}\n`),
    ].join(''),
  ).join('');
}
