/* weft-json-private.h: a streaming JSON scanner that knows where it is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pulls one token at a time out of bytes in memory (RFC 8259), without a document tree. Validates
 * as it goes: grammar, UTF-8 (no overlong forms, no surrogates), escapes (surrogate pairs are
 * joined, half ones refused), numbers (int64 when there is neither fraction nor exponent, else
 * float64; out of range is an error, never rounding to infinity), nesting depth. Commas and colons
 * are dealt with inside; a caller sees names, values and brackets only.
 *
 * The first error is kept, whoever found it; from then on every token is WEFT_JSON_ERROR. So a
 * reader checks tokens for what it expects and looks at the error once, at its end.
 *
 * One thread at a time. The bytes must stay until _weft_json_clear().
 */
#pragma once

#include "graph/weft-graph.h"

/* Brackets that may be open at once. More than WEFT_GRAPH_MAX_DEPTH, as some values of depth 1 take
 * three brackets to write. */
#define WEFT_JSON_MAX_DEPTH 512

typedef enum
{
  WEFT_JSON_ERROR = 0, /* json->error says what */
  WEFT_JSON_END,       /* the document's one value is complete and nothing follows */
  WEFT_JSON_BEGIN_OBJECT,
  WEFT_JSON_END_OBJECT,
  WEFT_JSON_BEGIN_ARRAY,
  WEFT_JSON_END_ARRAY,
  WEFT_JSON_NAME, /* of a member, whose value is the next token */
  WEFT_JSON_STRING,
  WEFT_JSON_INT64,
  WEFT_JSON_FLOAT64,
  WEFT_JSON_TRUE,
  WEFT_JSON_FALSE,
  WEFT_JSON_NULL,
} WeftJsonToken;

/**
 * WeftJson:
 *
 * The first part is the token read last, for readers; the rest is the scanner's own.
 */
typedef struct
{
  WeftJsonToken token;
  const char *chars; /* NAME, STRING: unescaped UTF-8, not 0-terminated; until the next token */
  size_t n_chars;
  int64_t i;          /* INT64 */
  double f;           /* FLOAT64, and INT64 as a double */
  WeftLocation where; /* the token's first byte */
  GError *error;      /* (nullable) (owned): the first error */

  const char *bytes;
  const char *at;
  const char *end;
  const char *line_start;
  uint32_t line;
  uint32_t depth;
  uint8_t state;
  uint64_t is_object[WEFT_JSON_MAX_DEPTH / 64]; /* bit d: is the bracket opened at depth d a “{”? */
  char *scratch;                                /* unescaped strings */
  size_t n_scratch;
} WeftJson;

/* A place to come back to. */
typedef struct
{
  const char *at;
  const char *line_start;
  uint32_t line;
  uint32_t depth;
  uint8_t state;
  WeftJsonToken token;
  WeftLocation where;
  uint64_t is_object[WEFT_JSON_MAX_DEPTH / 64];
} WeftJsonMark;

/* @file is not copied. A byte order mark at the start is skipped. */
void _weft_json_init (WeftJson *json, const char *bytes, size_t n_bytes, const char *file);
/* Also drops the error, if nobody took it. */
void _weft_json_clear (WeftJson *json);

/* Reads the next token. Returns: json->token */
WeftJsonToken _weft_json_next (WeftJson *json);

/* ---- common steps. All return false when there is an error (now or from before) -------------- */

/* Reads the next token, which must be this one; @what names it in the error ("a key", "an object of
 * tasks"). */
bool _weft_json_expect (WeftJson *json, WeftJsonToken token, const char *what);
/* Reads the next token, an integer from min to max. */
bool _weft_json_expect_int64 (WeftJson *json, int64_t min, int64_t max, const char *what,
                              int64_t *value);
/* Reads the next token, a number from min to max, integer or not. */
bool _weft_json_expect_number (WeftJson *json, double min, double max, const char *what,
                               double *value);
/* Skips the value that comes next, whatever it is, checking it. */
bool _weft_json_skip (WeftJson *json);
/* The same, and hands out its text as it stands in the input (from its first to its last byte). */
bool _weft_json_raw (WeftJson *json, const char **text, size_t *n_chars);
/* Reads the next token, which is a NAME or ends the object. Returns: true for a NAME; false at the
 * object's end and for errors (json->error tells them apart) */
bool _weft_json_next_name (WeftJson *json);
/* Reads the next token of an array. Returns: true if a value begins with it; false at the
 * array's end and for errors */
bool _weft_json_next_item (WeftJson *json);

/**
 * _weft_json_member:
 * @names: (array zero-terminated=1): the members this object may have, at most 64
 * @seen: bits of those that were there already; 0 at the object's start
 *
 * Which member the NAME just read is. Given twice is an error.
 *
 * Returns: index in @names; -1: none of them, or an error
 */
int _weft_json_member (WeftJson *json, const char *const *names, uint64_t *seen);
/* The error for a member that is none of @names; the nearest of them is suggested. @owner: "a
 * task".
 * Returns: false */
bool _weft_json_unknown_member (WeftJson *json, const char *const *names, const char *owner);
/* Whether the NAME or STRING just read is this text. */
bool _weft_json_is (const WeftJson *json, const char *text);

/* Whether a text is a JSON object and nothing else. */
bool _weft_json_is_object (const char *text);

/* Remember a place between two tokens and go back to it. The token read last is restored too,
 * but for chars, i and f. An error is not forgotten by going back. */
void _weft_json_mark (const WeftJson *json, WeftJsonMark *mark);
void _weft_json_rewind (WeftJson *json, const WeftJsonMark *mark);

/* ---- errors ---------------------------------------------------------------------------------- */

/* "file:line:column: " and the text, at the token read last. Returns: false */
bool _weft_json_fail (WeftJson *json, WeftGraphError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
/* The same elsewhere. */
bool _weft_json_fail_at (WeftJson *json, WeftGraphError code, const WeftLocation *where,
                         const char *format, ...) G_GNUC_PRINTF (4, 5);
/* "… found the string “abc”, expected @expected", at the token read last; code FORMAT. */
bool _weft_json_unexpected (WeftJson *json, const char *expected);
/* The token read last as messages name it: the string “abc”, the number 5, “{”. (transfer full) */
char *_weft_json_describe (const WeftJson *json);
/* Hands the error over (if there is one). Returns: true if there was none */
bool _weft_json_finish (WeftJson *json, GError **error);
