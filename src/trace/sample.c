/* sample.c: CPU, memory and I/O of this process, in the run's records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Ten times a second, some 20 µs each time: two getrusage() and two pread() of files in /proc that
 * stay open. The folders of /proc are only walked while the process has children at all, which one
 * waitid() tells; the kernel counts children that were waited for by itself.
 *
 * CPU and I/O are differences of sums over the process and its living descendants; when one ends,
 * its part moves to its parent's account of children, so the sums never shrink (but for the
 * rounding of a child's CPU to clock ticks).
 */
#include "config.h"

#include "trace/weft-recorder-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_DEPTH 32 /* of children's children that are followed */

typedef struct
{
  uint64_t cpu_ns, children_cpu_ns;
  uint64_t read_bytes, written_bytes;
  uint64_t resident_bytes, children_resident_bytes;
} Usage;

struct _WeftSampler
{
  int statm_fd, io_fd; /* -1: not to be had */
  uint64_t page_bytes, clock_tick_ns;
  uint64_t stamp; /* of the last sample */
  Usage last;
};

/* ---- reading --------------------------------------------------------------------------------- */

static bool
read_text (int fd, char *text, size_t size)
{
  ssize_t n = fd < 0 ? -1 : pread (fd, text, size - 1, 0);

  text[MAX (n, 0)] = '\0';
  return n > 0;
}

static bool
read_file (const char *path, char *text, size_t size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  bool done = read_text (fd, text, size);

  if (fd >= 0)
    close (fd);
  return done;
}

static uint64_t
number_behind (const char *text, const char *name)
{
  const char *found = strstr (text, name);

  return found != NULL ? strtoull (found + strlen (name), NULL, 10) : 0;
}

static void
add_io (Usage *usage, const char *text)
{
  usage->read_bytes += number_behind (text, "\nread_bytes: ");
  usage->written_bytes += number_behind (text, "\nwrite_bytes: ");
}

static uint64_t
cpu_ns_of (int who)
{
  struct rusage usage;
  uint64_t us;

  if (getrusage (who, &usage) != 0)
    return 0;
  us = (uint64_t) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000
       + (uint64_t) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  return us * 1000;
}

/* ---- children -------------------------------------------------------------------------------- */

static bool
has_children (void)
{
  siginfo_t info;

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void
add_process (WeftSampler *sampler, Usage *usage, long pid)
{
  char path[64], text[1024];
  unsigned long long ticks[4] = { 0 };
  long long resident = 0;
  const char *fields;

  snprintf (path, sizeof path, "/proc/%ld/stat", pid);
  if (!read_file (path, text, sizeof text) || (fields = strrchr (text, ')')) == NULL)
    return;
  if (sscanf (fields,
              ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu"
              " %*d %*d %*d %*d %*u %*u %lld",
              &ticks[0], &ticks[1], &ticks[2], &ticks[3], &resident)
      != 5)
    return;
  usage->children_cpu_ns += (ticks[0] + ticks[1] + ticks[2] + ticks[3]) * sampler->clock_tick_ns;
  usage->children_resident_bytes += (uint64_t) MAX (resident, 0) * sampler->page_bytes;
  snprintf (path, sizeof path, "/proc/%ld/io", pid);
  if (read_file (path, text, sizeof text))
    add_io (usage, text);
}

static void add_children_of (WeftSampler *sampler, Usage *usage, const char *process,
                             uint32_t depth);

/* Children belong to the thread that made them. */
static void
add_children_of_thread (WeftSampler *sampler, Usage *usage, const char *process, const char *tid,
                        uint32_t depth)
{
  char path[320], text[4096], child[32];
  char *at = text, *end;

  snprintf (path, sizeof path, "/proc/%s/task/%s/children", process, tid);
  if (!read_file (path, text, sizeof text))
    return;
  for (long pid; (pid = strtol (at, &end, 10)) > 0 && end != at; at = end)
    {
      add_process (sampler, usage, pid);
      snprintf (child, sizeof child, "%ld", pid);
      add_children_of (sampler, usage, child, depth + 1);
    }
}

/* All of a process's descendants. */
static void
add_children_of (WeftSampler *sampler, Usage *usage, const char *process, uint32_t depth)
{
  char path[64];
  const struct dirent *entry;
  DIR *tasks;

  if (depth > MAX_DEPTH)
    return;
  snprintf (path, sizeof path, "/proc/%s/task", process);
  tasks = opendir (path);
  if (tasks == NULL)
    return;
  while ((entry = readdir (tasks)) != NULL)
    if (g_ascii_isdigit (entry->d_name[0]))
      add_children_of_thread (sampler, usage, process, entry->d_name, depth);
  closedir (tasks);
}

static void
add_children (WeftSampler *sampler, Usage *usage)
{
  if (has_children ())
    add_children_of (sampler, usage, "self", 0);
}

/* ---- samples --------------------------------------------------------------------------------- */

static Usage
measure (WeftSampler *sampler)
{
  Usage usage = { .cpu_ns = cpu_ns_of (RUSAGE_SELF),
                  .children_cpu_ns = cpu_ns_of (RUSAGE_CHILDREN) };
  unsigned long long resident;
  char text[1024];

  if (read_text (sampler->statm_fd, text, sizeof text) && sscanf (text, "%*u %llu", &resident) == 1)
    usage.resident_bytes = resident * sampler->page_bytes;
  if (read_text (sampler->io_fd, text, sizeof text))
    add_io (&usage, text);
  add_children (sampler, &usage);
  return usage;
}

static void
note_span (WeftSampler *sampler, WeftRecorder *recorder, uint64_t end, uint8_t kind, uint32_t which,
           uint64_t before, uint64_t after)
{
  WeftRecord record;

  if (after <= before)
    return;
  weft_record_set_span (&record, kind, 0, 0, which, WEFT_NONE, sampler->stamp, end, after - before);
  weft_recorder_note (recorder, &record);
}

static void
note_memory (WeftRecorder *recorder, uint64_t stamp, uint32_t which, uint64_t before,
             uint64_t after)
{
  WeftRecord record;

  if (after == before)
    return;
  weft_record_set (&record, WEFT_RECORD_MEMORY, 0, 0, which, WEFT_NONE, stamp, 0, after);
  weft_recorder_note (recorder, &record);
}

WeftSampler *
_weft_sampler_new (WeftRecorder *recorder, uint64_t stamp)
{
  WeftSampler *sampler = g_new0 (WeftSampler, 1);

  sampler->statm_fd = open ("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  sampler->io_fd = open ("/proc/self/io", O_RDONLY | O_CLOEXEC);
  sampler->page_bytes = (uint64_t) sysconf (_SC_PAGESIZE);
  sampler->clock_tick_ns = UINT64_C (1000000000) / (uint64_t) sysconf (_SC_CLK_TCK);
  sampler->stamp = stamp;
  sampler->last = measure (sampler);
  note_memory (recorder, stamp, WEFT_MEMORY_RESIDENT, 0, sampler->last.resident_bytes);
  return sampler;
}

void
_weft_sampler_free (WeftSampler *sampler)
{
  if (sampler == NULL)
    return;
  if (sampler->statm_fd >= 0)
    close (sampler->statm_fd);
  if (sampler->io_fd >= 0)
    close (sampler->io_fd);
  g_free (sampler);
}

void
_weft_sampler_take (WeftSampler *sampler, WeftRecorder *recorder, uint64_t stamp)
{
  Usage now = measure (sampler), *last = &sampler->last;

  note_span (sampler, recorder, stamp, WEFT_RECORD_CPU, 0, last->cpu_ns, now.cpu_ns);
  note_span (sampler, recorder, stamp, WEFT_RECORD_CPU, 1, last->children_cpu_ns,
             now.children_cpu_ns);
  note_span (sampler, recorder, stamp, WEFT_RECORD_IO, WEFT_IO_READ, last->read_bytes,
             now.read_bytes);
  note_span (sampler, recorder, stamp, WEFT_RECORD_IO, WEFT_IO_WRITTEN, last->written_bytes,
             now.written_bytes);
  note_memory (recorder, stamp, WEFT_MEMORY_RESIDENT, last->resident_bytes, now.resident_bytes);
  note_memory (recorder, stamp, WEFT_MEMORY_CHILDREN, last->children_resident_bytes,
               now.children_resident_bytes);
  /* Sums never shrink, whatever the rounding: what was counted is not counted again. */
  now.children_cpu_ns = MAX (now.children_cpu_ns, last->children_cpu_ns);
  now.read_bytes = MAX (now.read_bytes, last->read_bytes);
  now.written_bytes = MAX (now.written_bytes, last->written_bytes);
  sampler->last = now;
  sampler->stamp = stamp;
}
