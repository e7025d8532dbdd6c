/* transfer-matrix.h: who sent how much to whom, for as many as can be looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Made of WeftlineTransferSums. Up to WEFTLINE_TRANSFER_MOST workers each have a row and a column;
 * of more, hosts do where their hosts are known, else the busiest, and one more is all others. So
 * cells, rows, columns and types each add up to all transfers. It does not change; any thread may
 * read it.
 */
#pragma once

#include "transfers/transfer-sums.h"

#define WEFTLINE_TRANSFER_MOST 40

typedef enum
{
  WEFTLINE_TRANSFER_WORKER,
  WEFTLINE_TRANSFER_HOST,
  WEFTLINE_TRANSFER_OTHERS,  /* all that have no row of their own */
  WEFTLINE_TRANSFER_UNKNOWN, /* sent by nobody knows whom */
} WeftlineTransferPlaceKind;

/**
 * WeftlineTransferPlace:
 * @name: of a worker or host
 * @n_workers: that it stands for; 0: unknown
 * @bytes: sent and received
 */
typedef struct
{
  WeftlineTransferPlaceKind kind;
  char *name;
  uint32_t n_workers;
  uint64_t bytes;
} WeftlineTransferPlace;

/**
 * WeftlineTransferMatrix:
 * @places: (array length=n_places): workers and hosts in the order of lanes, then others, then
 *   unknown
 * @cells: (array): @n_places × @n_places, row by row: a row is what one place sent
 * @types: (array length=n_types): of which anything was moved, most bytes first; then types of
 *   which a bandwidth is told (counters “bandwidth-of TYPE”, data/doc/protocol.md), fastest first
 * @n_told: how many of them are such types
 * @n_workers: how many there are
 * @model: of which names are
 */
typedef struct
{
  WeftModel *model;
  uint32_t n_places;
  WeftlineTransferPlace *places;
  WeftlineTransferCell *cells;
  WeftlineTransferCell total;
  uint32_t n_types, n_told;
  WeftlineTransferType *types;
  uint32_t n_workers;
  int64_t from_ns, to_ns;
} WeftlineTransferMatrix;

/* @most: workers with a row of their own; at least 1. O(pairs). (transfer full) */
WeftlineTransferMatrix *weftline_transfer_matrix_new (const WeftlineTransferSums *sums,
                                                      uint32_t most);
/* @matrix: (nullable) */
void weftline_transfer_matrix_free (WeftlineTransferMatrix *matrix);

/* All rows, or all columns. */
#define WEFTLINE_TRANSFER_ALL UINT32_MAX

/**
 * weftline_transfer_matrix_sum:
 * @row_of: (array): the row in which each place stands
 * @from, @to: rows; WEFTLINE_TRANSFER_ALL: all of them
 * @cell: (out caller-allocates): to be cleared
 *
 * O(places²).
 */
void weftline_transfer_matrix_sum (const WeftlineTransferMatrix *matrix, const uint32_t *row_of,
                                   uint32_t from, uint32_t to, WeftlineTransferCell *cell);
