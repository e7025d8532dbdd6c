/* weft-ompt-private.h: what the files of OpenMP's tool share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Only public headers of the library are used: the tool is a library of its own on top of it.
 */
#pragma once

#include "server/weft-client.h"

/* omp-tools.h says of its own values that they are deprecated. */
#include <omp-tools.h>

typedef enum
{
  WEFT_OMPT_PARALLEL,
  WEFT_OMPT_TASK,
  WEFT_OMPT_LOOP,
  WEFT_OMPT_SECTIONS,
  WEFT_OMPT_SINGLE,
  WEFT_OMPT_WORKSHARE,
  WEFT_OMPT_DISTRIBUTE,
  WEFT_OMPT_TASKLOOP,
  WEFT_OMPT_SCOPE,
} WeftOmptKind;

/* A construct in the program, by the address behind the call it was compiled to. Immutable, and
 * there for good, but for the count. */
typedef struct
{
  const void *address;
  WeftOmptKind kind;
  uint32_t group;   /* weft_client_group() */
  char *name;       /* the group's: “task main@0x11a3” */
  char *function;   /* that the construct stands in, as it is called in the source */
  uint32_t n_tasks; /* atomic: those that have keys of their own */
} WeftOmptPlace;

/* ompt-places.c: the place. @within: (nullable): the region that the thread is in, for what the
 * compiler has put into functions of its own. Any thread */
const WeftOmptPlace *_weft_ompt_place (WeftClient *client, WeftOmptKind kind, const void *address,
                                       const WeftOmptPlace *within);

/* ompt-depends.c: the task that was told what it depends on, among those that @parent has made.
 * Returns: what weft_client_begin() takes for it */
uint32_t _weft_ompt_depend (WeftClient *client, const WeftOmptPlace *place, uint64_t parent,
                            const ompt_dependence_t *dependences, int n);
/* The parent will make no more. */
void _weft_ompt_forget_parent (uint64_t parent);
