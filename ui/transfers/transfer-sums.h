/* transfer-sums.h: what workers sent each other, summed up by pair and by group
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each transfer is looked at once, as it comes: a span of WEFT_RECORD_TRANSFER in a lane of the
 * worker that received it, whose detail WEFT_RECORD_PEER names a lane of the one that sent it. All
 * lanes of a worker (its process, its threads) are one end. A transfer belongs to the time in which
 * it ended: so parts of the time add up to all of it. Where nobody said who sent, that is an end of
 * its own.
 *
 * Sums are one thread's; what is made of them, a WeftlineTransferMatrix (transfer-matrix.h), does
 * not change any more and may go to another.
 */
#pragma once

#include "canvas/palette.h"
#include "model/weft-model.h"
#include "transfers/transfer-tally.h"

/**
 * WeftlineTransferCell:
 * @ns: how long transfers took, together; they may have gone on side by side
 * @rate_bytes, @rate_ns: of those of which both is known
 * @best: bytes a second, of the fastest; < 0: not known
 * @longest_task: whose result it was, or WEFT_NONE
 * @durations: by steps of nanoseconds
 * @groups: by group of the task whose result it was; bytes
 *
 * Transfers from one end to another, or of any others that belong together. Zero is none.
 */
typedef struct
{
  uint64_t n;
  uint64_t bytes;
  int64_t ns;
  uint64_t rate_bytes;
  int64_t rate_ns;
  double best;
  int64_t longest_ns;
  uint32_t longest_task;
  WeftlineTally durations;
  WeftlineTally groups;
} WeftlineTransferCell;

void weftline_transfer_cell_clear (WeftlineTransferCell *cell);
/* All of the other one too. */
void weftline_transfer_cell_merge (WeftlineTransferCell *cell, const WeftlineTransferCell *other);
/* Bytes a second: all by the time all took. Returns: < 0: not known */
double weftline_transfer_cell_rate (const WeftlineTransferCell *cell);

/**
 * WeftlineTransferType:
 * @group: the model's number, or WEFT_NO_GROUP
 * @name: (transfer none): as long as the model; "" of no group
 * @slot: of its colour
 * @rates: by steps of bytes a second
 *
 * Results of one group of tasks; or, with @n 0, of one type, of which the program that ran them
 * says how fast they are moved.
 */
typedef struct
{
  uint32_t group;
  const char *name;
  unsigned slot;
  uint64_t n;
  uint64_t bytes;
  uint64_t rate_bytes;
  int64_t rate_ns;
  double best;
  WeftlineTally rates;
} WeftlineTransferType;

/**
 * WeftlineTransferEnd:
 * @lane: its first
 * @host: lane of its host, or WEFT_NONE
 * @is_unknown: who sent, where nobody said so
 */
typedef struct
{
  uint32_t lane;
  uint32_t host;
  bool is_unknown;
} WeftlineTransferEnd;

/* @from, @to: ends */
typedef struct
{
  uint32_t from, to;
  WeftlineTransferCell cell;
} WeftlineTransferPair;

/**
 * WeftlineTransferSums:
 * @ends: (element-type WeftlineTransferEnd): in the order of lanes
 * @pairs: (element-type WeftlineTransferPair)
 * @types: (element-type WeftlineTransferType): by group; the last is of no group
 * @total: of all
 *
 * To be read; the rest is private.
 */

typedef struct
{
  WeftModel *model;
  int64_t from_ns, to_ns;
  GArray *ends;
  GPtrArray *pairs;
  GArray *types;
  WeftlineTransferCell total;

  GArray *lanes;       /* private */
  GHashTable *pair_of; /* from << 32 | to → number in pairs, + 1 */
  GHashTable *end_of;  /* worker's number → number in ends, + 1 */
  WeftlineGroupColors *colors;
  uint32_t unknown;
} WeftlineTransferSums;

/* @model: a reference is kept. Of what ended in [@from_ns, @to_ns). (transfer full) */
WeftlineTransferSums *weftline_transfer_sums_new (WeftModel *model, int64_t from_ns, int64_t to_ns);
/* @sums: (nullable) */
void weftline_transfer_sums_free (WeftlineTransferSums *sums);

/**
 * weftline_transfer_sums_update:
 * @is_over: nothing will come any more
 * @most: how many spans to look at
 *
 * Takes in what is new. While more comes, a lane's latest transfer waits until it is known that
 * all was said of it. O(spans that are new), and of many that are no transfers less.
 *
 * Returns: whether that was all
 */
bool weftline_transfer_sums_update (WeftlineTransferSums *sums, bool is_over, uint64_t most);
