/* cores.c: how many cores this process may use
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The lower of the affinity mask and the control group's quota. Source: kernel documentation,
 * "Control Group v2", cpu.max; version 1's cpu.cfs_quota_us.
 */
#include "config.h"

#include "sched/weft-sched-private.h"

#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cores a quota comes to, rounded up; 0 when there is none. */
static uint32_t
cores_of_quota (double quota, double period)
{
  if (!(quota > 0) || !(period > 0))
    return 0;
  return (uint32_t) MAX (1.0, ceil (quota / period));
}

static uint32_t
lower (uint32_t a, uint32_t b)
{
  return a == 0 || (b > 0 && b < a) ? b : a;
}

/* "max 100000" or "150000 100000" */
static uint32_t
read_cpu_max (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "cpu.max", NULL);
  g_autofree char *text = NULL;
  double quota, period;

  if (!g_file_get_contents (path, &text, NULL, NULL)
      || sscanf (text, "%lf %lf", &quota, &period) != 2)
    return 0;
  return cores_of_quota (quota, period);
}

/* Two files; -1 stands for no quota. */
static uint32_t
read_cfs_quota (const char *folder)
{
  g_autofree char *quota_path = g_build_filename (folder, "cpu.cfs_quota_us", NULL);
  g_autofree char *period_path = g_build_filename (folder, "cpu.cfs_period_us", NULL);
  g_autofree char *quota = NULL;
  g_autofree char *period = NULL;

  if (!g_file_get_contents (quota_path, &quota, NULL, NULL)
      || !g_file_get_contents (period_path, &period, NULL, NULL))
    return 0;
  return cores_of_quota (g_ascii_strtod (quota, NULL), g_ascii_strtod (period, NULL));
}

/* The lowest quota of a group and all above it, up to where the hierarchy is mounted. In a
 * container the group's path may be one of the host's, of which only the mount is to be seen. */
static uint32_t
lowest_above (const char *mount, const char *group, uint32_t (*read) (const char *folder))
{
  g_autofree char *path = g_strdup (group);
  uint32_t least = 0;
  char *end;

  do
    {
      g_autofree char *folder = g_build_filename (mount, path, NULL);

      least = lower (least, read (folder));
      end = strrchr (path, '/');
      if (end != NULL)
        *end = '\0';
    }
  while (end != NULL);
  return least;
}

/* A line of /proc/self/cgroup is "0::/group" in version 2, "4:cpu,cpuacct:/group" in version 1. */
static uint32_t
cores_of_line (const char *root, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, ":", 3);
  g_autofree char *mount = NULL;
  g_auto (GStrv) controllers = NULL;

  if (g_strv_length (fields) != 3)
    return 0;
  controllers = g_strsplit (fields[1], ",", 0);
  if (fields[1][0] == '\0')
    mount = g_build_filename (root, "sys/fs/cgroup", NULL);
  else if (g_strv_contains ((const char *const *) controllers, "cpu"))
    mount = g_build_filename (root, "sys/fs/cgroup", fields[1], NULL);
  else
    return 0;
  return lower (lowest_above (mount, fields[2], read_cpu_max),
                lowest_above (mount, fields[2], read_cfs_quota));
}

uint32_t
_weft_quota_cores (const char *root)
{
  g_autofree char *path = g_build_filename (root, "proc/self/cgroup", NULL);
  g_autofree char *top = g_build_filename (root, "sys/fs/cgroup", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  uint32_t least = read_cfs_quota (top);

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return least;
  lines = g_strsplit (text, "\n", 0);
  for (char **line = lines; *line != NULL; line++)
    least = lower (least, cores_of_line (root, *line));
  return least;
}

uint32_t
weft_usable_cores (void)
{
  cpu_set_t set;
  uint32_t cores = 1;

  CPU_ZERO (&set);
  if (sched_getaffinity (0, sizeof set, &set) == 0)
    cores = (uint32_t) CPU_COUNT (&set);
  return CLAMP (lower (cores, _weft_quota_cores ("/")), 1, WEFT_MAX_WORKERS);
}
