/* weftline-breaks.h: where a run is to stop by itself
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What was asked for, in the order in which it was, whether there is an engine for it yet or not.
 * One above an amount of memory is used up when it is hit; that is seen in what is recorded.
 */
#pragma once

#include "model/weft-model.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  WEFTLINE_BREAK_ON_ERROR,    /* when a task has failed for good */
  WEFTLINE_BREAK_ABOVE_BYTES, /* before a start while results take more memory, once */
  WEFTLINE_BREAK_AT_GROUP,    /* before each task of the group starts */
} WeftlineBreakKind;

/**
 * WeftlineBreak:
 * @n_bytes: ABOVE_BYTES: more than 0
 * @group: AT_GROUP: its name
 */
typedef struct
{
  WeftlineBreakKind kind;
  uint64_t n_bytes;
  const char *group;
} WeftlineBreak;

typedef struct _WeftlineBreaks WeftlineBreaks;

WeftlineBreaks *weftline_breaks_new (void);
void weftline_breaks_free (WeftlineBreaks *breaks);
unsigned weftline_breaks_n (const WeftlineBreaks *breaks);
/* (transfer none): until they are changed */
const WeftlineBreak *weftline_breaks_get (const WeftlineBreaks *breaks, unsigned index);
/* The one that stands where that one would: of the group, or of the kind. (transfer none)
 * (nullable) */
const WeftlineBreak *weftline_breaks_find (const WeftlineBreaks *breaks, const WeftlineBreak *what);
/* It is there from now on, or not any more. Of each kind there is one, of groups one each. Returns:
 * whether anything is another */
bool weftline_breaks_set (WeftlineBreaks *breaks, const WeftlineBreak *what, bool on);
/* An engine was told of the amount of memory: there will be a record of it. */
void weftline_breaks_told_bytes (WeftlineBreaks *breaks);
/* Looks into the records for whether the amount of memory was hit. Returns: whether anything is
 * another */
bool weftline_breaks_look (WeftlineBreaks *breaks, const WeftModel *model);
/* “first error”, “managed memory above 500 MB”, “group inc”. (transfer full) */
char *weftline_break_text (const WeftlineBreak *what);

G_END_DECLS
