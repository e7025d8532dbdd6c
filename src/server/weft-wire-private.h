/* weft-wire-private.h: what a connection's bytes are cut into
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * data/doc/protocol.md describes the wire to the byte. A connection speaks one of two forms, told
 * by its first byte:
 *
 *   messages  “WEFTSOCK”, then messages: a head of 16 bytes, a payload, zeros up to a multiple of 8
 *   lines     JSON objects, a line each; begins with “{”
 *
 * A WeftWire is the receiving half. Bytes are read right into its buffer, and messages point into
 * it, so nothing is copied but the part of a message that was cut off when the buffer was full. Its
 * payloads are aligned to 8 bytes. Lines come in blocks of whole ones, as they do in a message.
 *
 * The buffer grows with what has come, not with what was announced, and never beyond what one
 * message may have. After the first thing that is wrong nothing more is taken.
 *
 * Pure: no sockets, no threads. One thread at a time.
 */
#pragma once

#include "base/weft-base.h"

#include <sys/uio.h>

#define WEFT_WIRE_PREAMBLE "WEFTSOCK"
#define WEFT_WIRE_PREAMBLE_BYTES 8
#define WEFT_WIRE_HEAD_BYTES 16
#define WEFT_WIRE_ALIGN 8

/* Below WEFT_WIRE_JSON kinds are those of frames in run files. */
typedef enum
{
  WEFT_WIRE_JSON = 256,  /* one JSON object: a request, an answer, news */
  WEFT_WIRE_LINES = 257, /* JSON objects, a line each: what happened */
  WEFT_WIRE_BYTES = 258, /* bytes that a request or an answer has announced */
  WEFT_WIRE_TASKS = 259, /* packed events: keys of tasks */
  WEFT_WIRE_INPUTS = 260,
  WEFT_WIRE_LANE = 261,
  WEFT_WIRE_RECORDS = 262,
  WEFT_WIRE_KEYS = 263,        /* the same in columns, for who makes them without a loop: tasks */
  WEFT_WIRE_READS = 264,       /* inputs, by tasks */
  WEFT_WIRE_GROUP = 265,       /* tasks of a group */
  WEFT_WIRE_SPANS = 266,       /* of one thread */
  WEFT_WIRE_KEYED_SPANS = 267, /* the same, of tasks by their keys */
  WEFT_WIRE_WANTED = 268,      /* tasks whose results are kept, whoever reads them */
} WeftWireKind;

/**
 * WeftWireHead:
 * @n_bytes: of the payload
 * @kind: a WeftWireKind, or a kind of frame
 * @flags: as of the frame's kind; else 0
 * @channel: which run, by the number it was given on this connection; 0: the connection itself
 * @lane: as in the frame's head; else 0
 */
typedef struct
{
  uint32_t n_bytes;
  uint16_t kind;
  uint16_t flags;
  uint32_t channel;
  uint32_t lane;
} WeftWireHead;

_Static_assert(sizeof (WeftWireHead) == WEFT_WIRE_HEAD_BYTES, "heads on the wire are 16 bytes");

#define WEFT_WIRE_ERROR (_weft_wire_error_quark ())
GQuark _weft_wire_error_quark (void);

typedef enum
{
  WEFT_WIRE_ERROR_NOT_SPOKEN, /* it does not begin as it should: another protocol, perhaps */
  WEFT_WIRE_ERROR_MALFORMED,  /* a head that cannot be */
  WEFT_WIRE_ERROR_TOO_LARGE,  /* above a limit, which is named */
  WEFT_WIRE_ERROR_CUT_OFF,    /* the connection ended within a message or line */
} WeftWireError;

typedef enum
{
  WEFT_WIRE_UNKNOWN, /* nothing came yet */
  WEFT_WIRE_AS_MESSAGES,
  WEFT_WIRE_AS_LINES,
} WeftWireForm;

typedef struct
{
  uint32_t most_message_bytes; /* of a payload */
  uint32_t most_line_bytes;    /* without its line feed */
} WeftWireLimits;

#define WEFT_WIRE_LIMITS_DEFAULT                                 \
  (WeftWireLimits)                                               \
  {                                                              \
    .most_message_bytes = 16u << 20, .most_line_bytes = 1u << 20 \
  }

typedef struct
{
  WeftWireLimits limits;
  WeftWireForm form;
  GError *error;         /* (nullable): what was wrong; nothing more is taken */
  uint64_t error_offset; /* where, in bytes since the connection began */
  /* its own */
  uint8_t *buffer;
  size_t capacity;
  size_t start, end; /* what came and was not handed out */
  size_t searched;   /* of that, as far as there is no line feed */
  uint64_t offset;   /* of buffer[start] in the connection */
} WeftWire;

/**
 * WeftWireMessage:
 * @head: in the form of lines: kind LINES, channel 0
 * @payload: (array length=head.n_bytes): aligned to 8 bytes where the form is messages; until
 *   _weft_wire_room() is called
 * @offset: of the payload in the connection
 */
typedef struct
{
  WeftWireHead head;
  const uint8_t *payload;
  uint64_t offset;
} WeftWireMessage;

typedef enum
{
  WEFT_WIRE_MESSAGE, /* there is one */
  WEFT_WIRE_MORE,    /* more bytes are needed */
  WEFT_WIRE_BROKEN,  /* wire->error says why; for good */
} WeftWireStatus;

/* All zero but for the limits will do as well. */
void _weft_wire_init (WeftWire *wire, const WeftWireLimits *limits);
void _weft_wire_clear (WeftWire *wire);

/**
 * _weft_wire_room:
 * @n_bytes: (out): how many may be put there; not 0
 *
 * Where the next bytes are to be read to. Messages handed out before are gone.
 */
uint8_t *_weft_wire_room (WeftWire *wire, size_t *n_bytes);
/* That many were. */
void _weft_wire_received (WeftWire *wire, size_t n_bytes);

/* The next message, if all of it is there. */
WeftWireStatus _weft_wire_next (WeftWire *wire, WeftWireMessage *message);

/* No more bytes will come. FALSE: that was within something, and is wire->error now. */
bool _weft_wire_finish (WeftWire *wire);

/**
 * _weft_wire_cut_line:
 * @at: (inout): 0 at first
 * @line: (out): without its line feed, and a carriage return before it; not 0-terminated
 *
 * Lines of a block one after the other, empty ones left out.
 *
 * Returns: whether there was one
 */
bool _weft_wire_cut_line (const void *block, size_t n_bytes, size_t *at, const char **line,
                          size_t *n_chars);

/**
 * _weft_wire_next_line:
 * @at: (inout): 0 at first
 * @line: (out): without its line feed, and a carriage return before it; not 0-terminated
 *
 * Lines of a message of kind LINES one after the other, empty ones left out.
 *
 * Returns: whether there was one; FALSE too if it is above the limit, which is wire->error then
 */
bool _weft_wire_next_line (WeftWire *wire, const WeftWireMessage *message, size_t *at,
                           const char **line, size_t *n_chars);

/* Appends a message whose payload is the parts one after the other; head->n_bytes is made here. At
 * the start of a connection the preamble has to stand before it. */
void _weft_wire_append (GByteArray *bytes, WeftWireHead head, const struct iovec *parts,
                        uint32_t n_parts);
