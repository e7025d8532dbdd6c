/* cores.c: how many cores this process may use
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The lower of the affinity mask and the control group's quota. Source: kernel documentation,
 * "Control Group v2", cpu.max; version 1's cpu.cfs_quota_us.
 */
#include "config.h"

#include "sched/weft-engine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cores a quota comes to, rounded up; 0 when there is none. */
static uint32_t
cores_of_quota (double quota, double period)
{
  if (quota <= 0 || period <= 0)
    return 0;
  return (uint32_t) MAX (1.0, quota / period + 0.5);
}

/* "max 100000" or "150000 100000" */
static uint32_t
read_cpu_max (const char *path)
{
  g_autofree char *text = NULL;
  double quota, period;

  if (!g_file_get_contents (path, &text, NULL, NULL)
      || sscanf (text, "%lf %lf", &quota, &period) != 2)
    return 0;
  return cores_of_quota (quota, period);
}

/* The process's own group and all above it, version 2. */
static uint32_t
cgroup2_cores (void)
{
  g_autofree char *text = NULL;
  uint32_t least = 0;
  char *line, *end;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL))
    return 0;
  line = strstr (text, "0::");
  if (line == NULL)
    return 0;
  line += 3;
  line[strcspn (line, "\n")] = '\0';
  do
    {
      g_autofree char *path = g_strdup_printf ("/sys/fs/cgroup%s/cpu.max", line);
      uint32_t cores = read_cpu_max (path);

      if (cores > 0 && (least == 0 || cores < least))
        least = cores;
      end = strrchr (line, '/');
      if (end != NULL)
        *end = '\0';
    }
  while (end != NULL);
  return least;
}

static uint32_t
cgroup1_cores (void)
{
  g_autofree char *quota = NULL;
  g_autofree char *period = NULL;

  if (!g_file_get_contents ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &quota, NULL, NULL)
      || !g_file_get_contents ("/sys/fs/cgroup/cpu/cpu.cfs_period_us", &period, NULL, NULL))
    return 0;
  return cores_of_quota (g_ascii_strtod (quota, NULL), g_ascii_strtod (period, NULL));
}

uint32_t
weft_usable_cores (void)
{
  cpu_set_t set;
  uint32_t cores = 1;
  uint32_t quota = cgroup2_cores ();

  CPU_ZERO (&set);
  if (sched_getaffinity (0, sizeof set, &set) == 0)
    cores = (uint32_t) CPU_COUNT (&set);
  if (quota == 0)
    quota = cgroup1_cores ();
  if (quota > 0 && quota < cores)
    cores = quota;
  return CLAMP (cores, 1, 1024);
}
