/** The bootstrap with an access log on each listener: connections that no filter took over. */

const LOG = {
  name: 'envoy.access_loggers.file',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
    path: 'connection',
  },
};

export function loggingListeners(bootstrap: object): object {
  const { static_resources: resources } = bootstrap as {
    static_resources?: { listeners?: { access_log?: object[] }[] };
  };
  if (!resources?.listeners) return bootstrap;
  const listeners = resources.listeners.map((listener) => ({
    ...listener,
    access_log: [...(listener.access_log ?? []), LOG],
  }));
  return { ...bootstrap, static_resources: { ...resources, listeners } };
}
