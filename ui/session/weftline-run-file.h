/* weftline-run-file.h: a run file, finished or still being written by another process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_FILE (weftline_run_file_get_type ())
#define WEFTLINE_RUN_FILE(object) \
  G_TYPE_CHECK_INSTANCE_CAST (object, WEFTLINE_TYPE_RUN_FILE, WeftlineRunFile)

/* For those who implement a run of which a file is written by others, whose parent class it is. */
typedef struct
{
  GObject parent_instance;

  char *path; /* (nullable): of one that has no file yet */
  char *name;
  char *message;      /* (nullable): why it was interrupted or cannot be read */
  char *reason;       /* (nullable): why nothing more is expected */
  WeftlineFeed *feed; /* (nullable): it is not read yet */
  bool is_told; /* somebody will say when nothing more is expected: the writer is not looked for */
  guint look_source;
  off_t n_bytes;
  gint64 grew_at; /* monotonic, µs */
  WeftlineRunTold told;
  bool changed; /* since it was told */
} WeftlineRunFile;

typedef struct
{
  GObjectClass parent_class;
} WeftlineRunFileClass;

GType weftline_run_file_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineRunFile, g_object_unref)

/* Begins to read it in the background. (transfer full) (nullable): NULL with an error when it is no
 * run file */
WeftlineRun *weftline_run_file_new (const char *path, GError **error);
/* It is read from now on by that: (transfer full). For those who implement one; once. */
void weftline_run_file_follow (WeftlineRunFile *self, WeftlineFeed *feed);
/* Nothing more is expected; a file without an end is one that was interrupted. @reason: for people
 */
void weftline_run_file_no_more (WeftlineRunFile *self, const char *reason);

G_END_DECLS
