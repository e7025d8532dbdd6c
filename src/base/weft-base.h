/* weft-base.h: what every module needs: visibility, status codes, error shape
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <glib.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEFT_API __attribute__ ((visibility ("default"))) extern

#define WEFT_CACHE_LINE 64
#define WEFT_ALIGNED_LINE _Alignas(WEFT_CACHE_LINE)
#define WEFT_LIKELY(x) __builtin_expect (!!(x), 1)
#define WEFT_UNLIKELY(x) __builtin_expect (!!(x), 0)

/* No task, no output, no group, no string. */
#define WEFT_NONE UINT32_MAX

/**
 * WeftStatus:
 *
 * What a kernel, and every function on the path pop → execute → complete, answers. It becomes a
 * GError only at the edge of the API.
 */
typedef enum
{
  WEFT_OK = 0,
  WEFT_FAILED = 1,    /* the task failed; its message is in the task context */
  WEFT_CANCELLED = 2, /* the cancel flag was seen */
  WEFT_NO_MEMORY = 3,
  WEFT_TIMED_OUT = 4,
  WEFT_AGAIN = 5, /* not finished: the task was suspended or replaced by a graph */
} WeftStatus;

/**
 * WeftLocation:
 * @file: (nullable): path as the user gave it
 * @line: from 1; 0 when the input has no lines
 * @column: from 1, in bytes; 0 when unknown
 * @offset: byte offset from the input's start
 *
 * A place in an input, as error messages print it: "file:line:column: ...".
 */
typedef struct
{
  const char *file;
  uint32_t line;
  uint32_t column;
  uint64_t offset;
} WeftLocation;
