/** Models outlier detection. */
export interface HostMonitor {
  readonly isEjected: boolean;
}
