/* doctor.c: `weftline doctor`: what the machine offers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One line each: name, what was found. What is missing, or makes runs slower, begins with "!".
 */
#include "config.h"

#include "cli/weft-cli-private.h"

#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

static void line (bool good, const char *name, const char *format, ...) G_GNUC_PRINTF (3, 4);

static void
line (bool good, const char *name, const char *format, ...)
{
  va_list arguments;

  printf ("%c %-12s", good ? ' ' : '!', name);
  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
}

static void
clock_line (void)
{
  WeftClockMap map;

  weft_clock_calibrate (&map);
  if (map.source == WEFT_CLOCK_TSC)
    line (true, "clock", "invariant time stamp counter, %.3f GHz",
          (double) map.ticks_per_second / 1e9);
  else
    line (false, "clock", "CLOCK_MONOTONIC (no invariant time stamp counter; stamps cost more)");
}

static char *
limit_text (int resource)
{
  struct rlimit limit;

  if (getrlimit (resource, &limit) != 0)
    return g_strdup ("unknown");
  if (limit.rlim_cur == RLIM_INFINITY)
    return g_strdup ("unlimited");
  return g_strdup_printf ("%" PRIu64, (uint64_t) limit.rlim_cur);
}

/* Of one control group, UINT64_MAX if it has none. */
static uint64_t
group_limit (const char *group)
{
  g_autofree char *path = g_strdup_printf ("/sys/fs/cgroup%s/memory.max", group);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_ascii_isdigit (text[0]))
    return UINT64_MAX;
  return g_ascii_strtoull (text, NULL, 10);
}

/* The least of this process's control group and those around it. */
static uint64_t
control_group_limit (void)
{
  g_autofree char *text = NULL;
  uint64_t least = group_limit ("");
  char *group, *end;

  if (!g_file_get_contents ("/proc/self/cgroup", &text, NULL, NULL)
      || (group = strstr (text, "0::")) == NULL)
    return least;
  group += strlen ("0::");
  group[strcspn (group, "\n")] = 0;
  while ((end = strrchr (group, '/')) != NULL)
    {
      least = MIN (least, group_limit (group));
      *end = 0;
    }
  return least;
}

static void
memory_lines (void)
{
  uint64_t limit = control_group_limit ();
  g_autofree char *limit_size = _weft_cli_bytes_text (limit);
  g_autofree char *total = _weft_cli_bytes_text ((uint64_t) sysconf (_SC_PHYS_PAGES)
                                                 * (uint64_t) sysconf (_SC_PAGESIZE));
  g_autofree char *free_now = _weft_cli_bytes_text ((uint64_t) sysconf (_SC_AVPHYS_PAGES)
                                                    * (uint64_t) sysconf (_SC_PAGESIZE));

  line (true, "memory", "%s, %s free", total, free_now);
  if (limit == UINT64_MAX)
    line (true, "cgroup", "no limit of memory");
  else
    line (true, "cgroup", "memory limited to %s", limit_size);
}

static void
limit_lines (void)
{
  g_autofree char *files = limit_text (RLIMIT_NOFILE);
  g_autofree char *processes = limit_text (RLIMIT_NPROC);
  g_autofree char *size = limit_text (RLIMIT_FSIZE);
  g_autofree char *space = limit_text (RLIMIT_AS);

  line (true, "limits", "open files %s, processes %s, file size %s, address space %s", files,
        processes, size, space);
}

static void
spill_line (void)
{
  const char *folder = g_get_tmp_dir ();
  struct statvfs status;
  g_autofree char *room = NULL;

  if (statvfs (folder, &status) != 0 || access (folder, W_OK) != 0)
    {
      line (false, "spilling", "%s cannot be written", folder);
      return;
    }
  room = _weft_cli_bytes_text ((uint64_t) status.f_bavail * status.f_frsize);
  line (true, "spilling", "%s, %s free", folder, room);
}

static void
socket_line (void)
{
  const char *folder = g_getenv ("XDG_RUNTIME_DIR");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd >= 0)
    close (fd);
  if (fd < 0)
    line (false, "sockets", "no Unix domain sockets");
  else if (folder == NULL || folder[0] == 0)
    line (false, "sockets", "Unix domain sockets, but XDG_RUNTIME_DIR is not set");
  else if (access (folder, W_OK) != 0)
    line (false, "sockets", "%s cannot be written", folder);
  else if (strlen (folder) + strlen ("/weftline/socket") >= sizeof address.sun_path)
    line (false, "sockets", "%s is too long a name for a socket", folder);
  else
    line (true, "sockets", "%s/weftline/socket", folder);
}

int
_weft_cli_doctor (int argc, char **argv)
{
  g_autofree char *machine = NULL;
  uint32_t cores = weft_usable_cores ();
  int status;

  if (!_weft_cli_parse ("doctor", NULL, "Says what this machine offers.",
                        "What is missing, or makes runs slower, is marked with “!”.", NULL, &argc,
                        &argv, &status))
    return status;
  if (!_weft_cli_operands ("doctor", argc, argv, 0, 0))
    return WEFT_EXIT_INPUT;
  machine = _weft_cli_machine ();
  line (true, "weftline", "%s", PACKAGE_VERSION);
  line (true, "machine", "%s", machine);
  line (cores > 1, "cores", "%u usable of %ld", cores, sysconf (_SC_NPROCESSORS_ONLN));
  line (HAVE_HWLOC, "pinning",
        HAVE_HWLOC ? "through hwloc" : "built without hwloc: blind to cores");
  clock_line ();
  memory_lines ();
  limit_lines ();
  spill_line ();
  socket_line ();
  line (!WEFT_SANITIZED, "build", WEFT_SANITIZED ? "with sanitizers: slow" : "without sanitizers");
#ifdef NDEBUG
  line (true, "checks", "release: assertions are off");
#else
  line (false, "checks", "debug: assertions are on; figures will be worse");
#endif
  return WEFT_EXIT_DONE;
}
