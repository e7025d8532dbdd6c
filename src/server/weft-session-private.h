/* weft-session-private.h: a connection's state, without the socket
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   GREETING   nothing is taken but a greeting
 *   READY      requests, answers, events, bytes that were announced
 *   CLOSING    an error was said that ends it, or the peer is done; nothing more is taken
 *
 * Bytes go in (_weft_session_room(), _weft_session_received()); what they say comes out through
 * WeftSessionOps, and what is to be sent gathers in `out`. Pure: no sockets, no threads, no clock.
 *
 * In the form of lines, events and requests come in one stream. A line whose first member is “e” is
 * an event and not looked into; others are read to see what they are. Events that follow one
 * another are handed on together, as they stand.
 *
 * A few bytes ask for many. While there is plenty to be sent what came is left where it is, and no
 * room is asked for; _weft_session_go_on() takes it then.
 */
#pragma once

#include "server/weft-said-private.h"
#include "server/weft-wire-private.h"

/* To be sent: so much, and nothing more is taken before it is less. */
#define WEFT_SESSION_PLENTY_BYTES (UINT32_C (1) << 20)

typedef enum
{
  WEFT_SESSION_GREETING,
  WEFT_SESSION_READY,
  WEFT_SESSION_CLOSING,
} WeftSessionState;

/**
 * WeftSessionOps:
 * @greeted: (nullable): its name and pid are known; what is said first is the answer to it
 * @request: @said: (transfer full)
 * @answer: @said: (transfer none)
 * @events: (nullable): of a channel; whole lines, or a message. FALSE: there is no such channel
 */
typedef struct
{
  void (*greeted) (void *data);
  void (*request) (void *data, WeftSaid *said);
  void (*answer) (void *data, const WeftSaid *said);
  bool (*events) (void *data, const WeftWireHead *head, const uint8_t *bytes, uint64_t offset);
} WeftSessionOps;

typedef struct
{
  WeftWire wire;
  WeftSessionState state;
  const WeftServerLimits *limits; /* all filled in */
  const WeftSessionOps *ops;
  void *data;
  const char *token; /* (nullable): what the greeting has to have */
  WeftFault refusal; /* message not NULL: said to whatever comes, and it is over */
  char *name;        /* (nullable) */
  uint32_t pid;
  uint32_t lines_channel; /* of events in the form of lines; 0: no report is open */
  GByteArray *out;        /* to be sent; the owner takes bytes off its front */
  bool has_begun;         /* the preamble is said */
  /* its own */
  WeftWireMessage block; /* in the form of lines: that came last */
  size_t block_at;       /* how far it is taken */
  bool is_taking;
  GPtrArray *gathering; /* of requests whose bytes are coming */
  uint64_t gathered;    /* announced bytes of all of them */
  uint64_t n_events_refused;
} WeftSession;

/* @limits: stay until the end */
void _weft_session_init (WeftSession *session, const WeftServerLimits *limits,
                         const WeftSessionOps *ops, void *data);
void _weft_session_clear (WeftSession *session);

uint8_t *_weft_session_room (WeftSession *session, size_t *n_bytes);
/* Takes all that is whole, as long as there is not plenty to be sent. */
void _weft_session_received (WeftSession *session, size_t n_bytes);
/* Takes more of what came. Returns: whether there was something */
bool _weft_session_go_on (WeftSession *session);
/* No more will come. What was cut off is an error, if the session was not closing anyway. */
void _weft_session_end (WeftSession *session);

/* Appends an object to `out`. */
void _weft_session_say (WeftSession *session, const GString *json);
/* What was said is done. Without an id nobody waits for it. */
void _weft_session_answer (WeftSession *session, const WeftSaid *said, const char *ok_json);
/* Appends bytes of a channel, if the form has them. */
void _weft_session_say_bytes (WeftSession *session, uint32_t channel, const void *bytes,
                              size_t n_bytes);
/* Says it, clears it. @id_json: (nullable) */
void _weft_session_fault (WeftSession *session, WeftFault *fault, const char *id_json);
/* The same, and the session is closing. */
void _weft_session_fail (WeftSession *session, WeftFault *fault);
