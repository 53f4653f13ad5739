/** Models what Envoy says of a configuration it refuses: one sentence, in words near its own. */

/** Thrown while a configuration is compiled; whoever applies it turns it into a NACK. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
