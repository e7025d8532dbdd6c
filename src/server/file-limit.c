/* file-limit.c: how many files and connections a program may have open
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server.h"

#include <glib.h>
#include <sys/resource.h>

/* 1,024 connections, 10,000 runs, and room. More would be a burden on programs that are started
 * from here and close all that they could have. */
#define ENOUGH 65536

/* The soft limit is low for select() alone, which nothing here calls. */
void
weft_server_raise_file_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= MIN (limit.rlim_max, ENOUGH))
    return;
  limit.rlim_cur = MIN (limit.rlim_max, ENOUGH);
  setrlimit (RLIMIT_NOFILE, &limit); /* else it stays as it was */
}
