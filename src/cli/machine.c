/* machine.c: what the machine is, in a line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The value of the first line "name: value" in a file of /proc. (nullable) */
static char *
proc_field (const char *path, const char *name)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *colon = strchr (*line, ':');

      if (colon != NULL && g_str_has_prefix (*line, name))
        return g_strdup (g_strstrip (colon + 1));
    }
  return NULL;
}

uint64_t
_weft_cli_status_bytes (const char *field)
{
  g_autofree char *value = proc_field ("/proc/self/status", field);

  return value != NULL ? g_ascii_strtoull (value, NULL, 10) * 1024 : 0;
}

char *
_weft_cli_machine (void)
{
  g_autofree char *cpu = proc_field ("/proc/cpuinfo", "model name");
  g_autofree char *memory = NULL;
  struct utsname kernel;
  uint64_t n_bytes = (uint64_t) sysconf (_SC_PHYS_PAGES) * (uint64_t) sysconf (_SC_PAGESIZE);

  memory = _weft_cli_bytes_text (n_bytes);
  uname (&kernel);
  return g_strdup_printf ("%s, %u usable cores, %s, %s %s", cpu != NULL ? cpu : kernel.machine,
                          weft_usable_cores (), memory, kernel.sysname, kernel.release);
}
