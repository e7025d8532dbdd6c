/* weftline-examples.h: graphs to begin with, made to measure
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-plan.h"

G_BEGIN_DECLS

/**
 * WeftlineExample:
 * @id: for actions and the command line
 * @title: translated
 * @watch: what to watch, a sentence, translated
 * @size_label: (nullable): what its size counts; NULL: it has one size only
 * @has_duration: whether the time a task takes can be chosen
 */
typedef struct
{
  const char *id;
  const char *title;
  const char *watch;
  const char *size_label;
  unsigned min_size, max_size, size;
  gboolean has_duration;
  double duration; /* seconds */
} WeftlineExample;

unsigned weftline_examples_n (void);
/* @index: below weftline_examples_n() */
void weftline_examples_get (unsigned index, WeftlineExample *example);
/* Returns: FALSE if there is none of that id */
gboolean weftline_examples_find (const char *id, WeftlineExample *example);
/* That there is none of that id, and which there are. (transfer full) */
char *weftline_examples_dup_missing_text (const char *id);

/* @size: 0: the example's own; @duration: seconds; below 0: the example's own. O(size). Any thread.
 * (transfer full) (nullable) */
WeftlinePlan *weftline_examples_make (const char *id, unsigned size, double duration,
                                      GError **error);

/* The folder of data/examples, in the source tree or where it is installed. (transfer none) */
const char *weftline_examples_folder (void);

G_END_DECLS
