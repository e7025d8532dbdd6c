/* python-fixture.h: what stands in the place of Python where Dask cannot be made to do as a test
 * wants
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-support.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdbool.h>

/* A script; $4 is the address, and its process is in the file beside it. (transfer full): its path,
 * as the preference has it */
static inline char *
python_fake (GSettings *settings, const char *dir, const char *script)
{
  g_autofree char *text = g_strconcat ("#!/bin/sh\necho $$ > \"$0.pid\"\n", script, "\n", NULL);
  char *path = test_dir_write (dir, "python", text);

  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  g_settings_set_string (settings, "python", path);
  return path;
}

#define PYTHON_WATCHES                          \
  "trap 'echo bye > \"$0.bye\"; exit 0' TERM\n" \
  "echo watching $4\n"                          \
  "while :; do sleep 0.01; done"
#define PYTHON_CONNECTS "trap 'exit 0' TERM\nwhile :; do sleep 0.01; done"

/* Whether it has begun, and ended again. */
static inline bool
python_is_gone (const char *path)
{
  g_autofree char *file = g_strconcat (path, ".pid", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (file, &text, NULL, NULL)
         && kill ((pid_t) g_ascii_strtoll (text, NULL, 10), 0) != 0 && errno == ESRCH;
}

static inline bool
python_has_begun (const char *path)
{
  g_autofree char *file = g_strconcat (path, ".pid", NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

static inline bool
python_said_bye (const char *path)
{
  g_autofree char *file = g_strconcat (path, ".bye", NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}
