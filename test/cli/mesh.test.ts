import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

function mesh(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/mesh.mjs', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('the command line', () => {
  it('lists its commands when asked for nothing or for help', () => {
    const { status, stdout } = mesh();
    expect(status).toBe(0);
    expect(stdout).toContain('validate PATH…');
    expect(mesh('--help').stdout).toBe(stdout);
  });

  it('answers an unknown command with one line and status 2', () => {
    expect(mesh('walidate')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'there is no command "walidate" (try: mesh --help)\n',
    });
  });

  it('answers an unknown flag with one line and status 2', () => {
    expect(mesh('bench', '--fast')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'unknown flag --fast (try: mesh bench --help)\n',
    });
  });

  it('explains a command with an example', () => {
    const { status, stdout } = mesh('bench', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('mesh bench kernel-events');
  });
});
