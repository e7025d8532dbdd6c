/* weft-ops-private.h: what the built-in operations share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "kernels/weft-registry-private.h"
#include "kernels/weft-task-private.h"

#include <string.h>

#define WEFT_ACCEPT_STRING WEFT_ACCEPT (WEFT_TYPE_STRING)
#define WEFT_ACCEPT_LIST WEFT_ACCEPT (WEFT_TYPE_LIST)
#define WEFT_ACCEPT_INTEGER (WEFT_ACCEPT (WEFT_TYPE_INT64) | WEFT_ACCEPT (WEFT_TYPE_BOOL))
#define WEFT_ACCEPT_PATH (WEFT_ACCEPT_STRING | WEFT_ACCEPT (WEFT_TYPE_FILE))
#define WEFT_ACCEPT_RECORD WEFT_ACCEPT (WEFT_TYPE_RECORD)

/* Tables of parameters: WEFT_PARAM is required, WEFT_PARAM_OR has a fallback (none: EMPTY),
 * WEFT_PARAM_REST is variadic. */
#define WEFT_PARAM(name, accepts, doc)        \
  {                                           \
    name, accepts, true, WEFT_VALUE_INIT, doc \
  }
#define WEFT_PARAM_OR(name, accepts, fallback, doc) \
  {                                                 \
    name, accepts, false, fallback, doc             \
  }
#define WEFT_PARAM_REST(name, accepts, doc)    \
  {                                            \
    name, accepts, false, WEFT_VALUE_INIT, doc \
  }
#define WEFT_INT(value) \
  {                     \
    WEFT_TYPE_INT64, 0, \
    {                   \
      .i = (value)      \
    }                   \
  }
#define WEFT_FLOAT(value) \
  {                       \
    WEFT_TYPE_FLOAT64, 0, \
    {                     \
      .f = (value)        \
    }                     \
  }
#define WEFT_NO_VALUE WEFT_VALUE_INIT
#define WEFT_PARAMS(table) .params = table, .n_params = G_N_ELEMENTS (table)

#define WEFT_CHEAP_OP (WEFT_OP_PURE | WEFT_OP_CHEAP)

static inline const WeftString *
_weft_string (const WeftValue *value)
{
  return (const WeftString *) value->u.box;
}

static inline const WeftBytes *
_weft_bytes (const WeftValue *value)
{
  return (const WeftBytes *) value->u.box;
}

static inline const WeftList *
_weft_list (const WeftValue *value)
{
  return (const WeftList *) value->u.box;
}

static inline const WeftRecordValue *
_weft_record (const WeftValue *value)
{
  return (const WeftRecordValue *) value->u.box;
}

static inline bool
_weft_is_none (const WeftValue *value)
{
  return value->type == WEFT_TYPE_NONE;
}

static inline bool
_weft_is_integer (const WeftValue *value)
{
  return value->type == WEFT_TYPE_INT64 || value->type == WEFT_TYPE_BOOL;
}

static inline bool
_weft_is_number (const WeftValue *value)
{
  return value->type >= WEFT_TYPE_BOOL && value->type <= WEFT_TYPE_FLOAT64;
}

/* Of an integer; true is 1. */
static inline int64_t
_weft_integer (const WeftValue *value)
{
  return value->type == WEFT_TYPE_BOOL ? value->u.b : value->u.i;
}

/* Of a number. */
static inline double
_weft_float (const WeftValue *value)
{
  return value->type == WEFT_TYPE_FLOAT64 ? value->u.f : (double) _weft_integer (value);
}

/* @value with a reference of its own. */
static inline WeftStatus
_weft_give (WeftValue *result, const WeftValue *value)
{
  weft_value_ref (value);
  *result = *value;
  result->aux = 0;
  return WEFT_OK;
}

/* ---- ops-number.c ---------------------------------------------------------------------------- */

WeftStatus _weft_add (WeftTask *task, const WeftValue *a, const WeftValue *b, WeftValue *result);
WeftStatus _weft_divide (WeftTask *task, const WeftValue *a, const WeftValue *b, WeftValue *result);

/* ---- compare.c ------------------------------------------------------------------------------- */

/* Python's bool(): false are none, zeros, and what has no items. */
bool _weft_is_true (const WeftValue *value);
/* As Python's ==: numbers by their exact value whatever their type, containers item by item. */
bool _weft_equal (const WeftValue *a, const WeftValue *b);
/* Sets *order below, at or above 0, or *unordered for NaN. Numbers, strings, bytes, lists of those.
 * Returns: WEFT_FAILED with a message for others */
WeftStatus _weft_compare (WeftTask *task, const WeftValue *a, const WeftValue *b, int *order,
                          bool *unordered);

/* ---- text.c ---------------------------------------------------------------------------------- */

/* Decodes one character of valid UTF-8 and steps over it. */
uint32_t _weft_next_char (const char **at, const char *end);
/* Whether Python's str.isspace() says so. */
bool _weft_is_space (uint32_t c);
/* How many bytes are valid UTF-8, zeros included; n when all are. */
size_t _weft_valid_text (const char *chars, size_t n);
/* Number of characters. */
int64_t _weft_count_chars (const char *chars, size_t n);
/* Collects values for a list that is not known to be of any length. */
typedef struct
{
  GArray *items; /* WeftValue, a reference each */
  WeftAccount *account;
  WeftStatus status; /* the first failure */
} WeftListMaker;

void _weft_list_maker_init (WeftListMaker *maker, WeftAccount *account);
void _weft_list_maker_add_string (WeftListMaker *maker, const char *chars, size_t n);
/* The lines of a text, without their ends. */
void _weft_list_maker_add_lines (WeftListMaker *maker, const char *chars, size_t n);
/* @value: its reference is taken over */
void _weft_list_maker_add (WeftListMaker *maker, WeftValue *value);
/* Makes the list, or lets the items go; clears the maker. */
WeftStatus _weft_list_maker_finish (WeftListMaker *maker, WeftValue *result);

/* Text that reads @value for people: strings as they are. Appends. */
void _weft_append_text (GString *out, const WeftValue *value);
/* A string of valid text. @text: (transfer full) */
WeftStatus _weft_give_text (WeftTask *task, GString *text, WeftValue *result);
/* A string or file as a path without zeros. Returns: NULL with the task failed */
const char *_weft_path (WeftTask *task, const WeftValue *value);
