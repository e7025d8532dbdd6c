/* weft-graph-codec-private.h: numbers of the form in which run files keep graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-codec.h"

/* Sections of a piece: u32 kind, u32 bytes, content. Unknown ones are skipped. */
typedef enum
{
  WEFT_SECTION_SUMMARY = 1,
  WEFT_SECTION_STRINGS = 2,
  WEFT_SECTION_CALLS = 3,
  WEFT_SECTION_PATTERNS = 4,
  WEFT_SECTION_ATTRIBUTES = 5,
  WEFT_SECTION_IMPORTS = 6,
  WEFT_SECTION_TASKS = 7,
  WEFT_SECTION_WANTED = 8,
} WeftSectionKind;

#define WEFT_SECTION_HEAD_BYTES 8

/* Columns of TASKS that are not always there. */
enum
{
  WEFT_COLUMN_INPUT_OUTPUTS = 0x01,
  WEFT_COLUMN_AFTERS = 0x02,
  WEFT_COLUMN_ATTRIBUTES = 0x04,
  WEFT_COLUMN_UNITS = 0x08,
  WEFT_COLUMN_RUNTIME = 0x10,
  WEFT_COLUMN_OUTPUT_BYTES = 0x20,
  WEFT_COLUMN_MACHINE = 0x40,
  WEFT_COLUMN_REGULAR = 0x80, /* how inputs are written: see run-file.md */
};

/* A task whose inputs follow from those of the task before is one byte if it has at most so many:
 * what bytes grow to stays bounded. */
#define WEFT_REGULAR_MOST 8

/* An argument that is the input after the one that stood before it in the call. */
#define WEFT_ARG_NEXT_SLOT 14

#define WEFT_VARINT_MAX_BYTES 10

static inline uint64_t
_weft_zigzag (int64_t x)
{
  return (uint64_t) x << 1 ^ (uint64_t) (x >> 63);
}

static inline int64_t
_weft_unzigzag (uint64_t x)
{
  return (int64_t) (x >> 1 ^ (0 - (x & 1)));
}
