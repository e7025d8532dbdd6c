/* weft-said-private.h: what a client says in JSON (greetings, requests, answers), checked
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * data/doc/protocol.md, sections 4 and 5. Pure. One thread at a time.
 */
#pragma once

#include "graph/weft-json-private.h"
#include "server/weft-server.h"

#define WEFT_SAID_NESTING 64
#define WEFT_SAID_MEMBERS 32

/* ---- what is wrong --------------------------------------------------------------------------- */

/* Codes that end a connection, and that of events, beside those of WeftServerRefusal. */
typedef enum
{
  WEFT_FAULT_MALFORMED = 100,
  WEFT_FAULT_VERSION,
  WEFT_FAULT_REFUSED,
  WEFT_FAULT_EVENT,
} WeftFaultCode;

/**
 * WeftFault:
 * @code: a WeftServerRefusal or a WeftFaultCode
 * @where: (nullable): the member
 * @offset: byte of the connection, or WEFT_FAULT_NOWHERE
 * @channel: of the run; 0: none
 * @more: that many like it were not told
 */
typedef struct
{
  int code;
  char *message;
  char *mend;
  char *where;
  uint64_t offset;
  uint32_t channel;
  uint64_t more;
} WeftFault;

#define WEFT_FAULT_NOWHERE UINT64_MAX

void _weft_fault_set (WeftFault *fault, int code, const char *where, const char *mend,
                      const char *format, ...) G_GNUC_PRINTF (5, 6);
void _weft_fault_clear (WeftFault *fault);
/* {"error": {…}}; @id_json: (nullable) */
void _weft_fault_json (const WeftFault *fault, const char *id_json, GString *json);
/* A text with quotes and escapes; what is not UTF-8 becomes U+FFFD. @text: (nullable): null */
void _weft_said_append_text (GString *json, const char *text);
/* As JSON has numbers, whatever the language. @format: as of printf, for a double */
void _weft_said_append_number (GString *json, const char *format, double value);

/* ---- what was said --------------------------------------------------------------------------- */

typedef enum
{
  WEFT_SAID_REQUEST,
  WEFT_SAID_HELLO,
  WEFT_SAID_ANSWER, /* to a request of ours */
  WEFT_SAID_EVENT,  /* not looked into */
} WeftSaidKind;

/* Below these the host's: WeftServerVerb. */
typedef enum
{
  WEFT_DO_PING = WEFT_SERVER_N_VERBS,
  WEFT_DO_RUNS,
  WEFT_DO_REPORT,
  WEFT_DO_FINISH,
  WEFT_DO_WATCH,
  WEFT_DO_UNWATCH,
  WEFT_DO_SUBSCRIBE,
} WeftDo;

typedef struct
{
  char *name;
  WeftJsonToken token; /* the value's first */
  char *json;          /* the value as it stood there */
  char *text;          /* (nullable): of a STRING */
  int64_t number;      /* of an INT64 */
} WeftSaidMember;

typedef struct
{
  WeftSaidKind kind;
  int what; /* of a request: a WeftServerVerb or a WeftDo */
  uint32_t n_members;
  WeftSaidMember members[WEFT_SAID_MEMBERS];
  GBytes *bytes; /* (nullable): gathered pieces, or the member “graph” */
} WeftSaid;

/**
 * _weft_said_parse:
 * @offset: of the first char in the connection
 * @fault: (out): set if FALSE is returned
 *
 * Returns: (transfer full) (nullable): NULL if it is not JSON, or above a limit, or not what it has
 * to be; then @id_json (out) (transfer full) (nullable) is the request's id, as far as known
 */
WeftSaid *_weft_said_parse (const char *chars, size_t n_chars, uint64_t offset, WeftFault *fault,
                            char **id_json);
void _weft_said_free (WeftSaid *said);

const WeftSaidMember *_weft_said_get (const WeftSaid *said, const char *name);
/* Its id as it stood there, or NULL. */
const char *_weft_said_id (const WeftSaid *said);
const char *_weft_said_text (const WeftSaid *said, const char *name);
/* Whether a text, if it is there, is not above the limit of names. @fault: set if not */
bool _weft_said_check_name (const WeftSaid *said, const char *name, WeftFault *fault);
bool _weft_said_number (const WeftSaid *said, const char *name, int64_t *value);
bool _weft_said_flag (const WeftSaid *said, const char *name);
/* Bits of the verbs that the array names. @unknown: (out) (transfer full): the first that is none,
 * as it stands there; else untouched */
uint32_t _weft_said_verbs (const WeftSaid *said, const char *name, char **unknown);
/* Whether an array of numbers has this one. */
bool _weft_said_has_number (const WeftSaid *said, const char *name, int64_t number);
/* Whether there is nothing but texts in the array, if there is one. */
bool _weft_said_has_texts (const WeftSaid *said, const char *name);

/* "pause"; of a WeftServerVerb or a WeftDo */
const char *_weft_said_verb_name (int what);
