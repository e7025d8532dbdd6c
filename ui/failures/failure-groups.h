/* failure-groups.h: failures of a run that are alike
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Alike is what has the same kind of error, the same first line but for numbers and addresses, and
 * happened in tasks of the same group. Each error is looked at once, as it comes. One thread's.
 */
#pragma once

#include "model/weft-model.h"

/**
 * WeftlineFailureGroup:
 * @kind: (transfer none): of the error; may be empty
 * @message: its first line, numbers and addresses as “#”
 * @group: of the tasks, the model's number, or WEFT_NO_GROUP
 * @n: failed attempts
 * @tasks: (element-type uint32_t): that failed so, each once, in the order in which they did
 * @n_workers: on which the tasks ran last
 * @example: the model's number of the first error
 */
typedef struct
{
  const char *kind;
  char *message;
  uint32_t group;
  uint32_t n;
  GArray *tasks;
  uint32_t n_workers;
  int64_t first_ns, last_ns;
  uint32_t example;

  GHashTable *known; /* private: tasks and lanes that were counted */
} WeftlineFailureGroup;

typedef struct _WeftlineFailures WeftlineFailures;

/* @model: a reference is kept. @until_ns: what happened later is left out. (transfer full) */
WeftlineFailures *weftline_failures_new (WeftModel *model, int64_t until_ns);
/* @failures: (nullable) */
void weftline_failures_free (WeftlineFailures *failures);
/* Takes in at most so many new errors. O(their first lines). Returns: whether there were more */
bool weftline_failures_update (WeftlineFailures *failures, const WeftModelSnapshot *snapshot,
                               uint32_t most);
/* How many failed attempts there are, in all groups. */
uint32_t weftline_failures_n (const WeftlineFailures *failures);
uint32_t weftline_failures_n_groups (const WeftlineFailures *failures);
/* The groups, that with most failures first. (transfer container) (element-type
 * WeftlineFailureGroup): until more is taken in */
GPtrArray *weftline_failures_sorted (const WeftlineFailures *failures);

/* The first line, with “#” for numbers and addresses. (transfer full) */
char *weftline_failure_pattern (const char *message);
