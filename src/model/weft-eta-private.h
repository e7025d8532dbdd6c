/* weft-eta-private.h: the parts of an estimate
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-eta.h"

/* A task that does nothing but wait for others. */
#define ETA_NO_GROUP UINT32_MAX

/* What is left of a run: tasks in the order of their numbers, which is topological but for graphs
 * that stand in for tasks. */
typedef struct
{
  uint32_t n;
  uint32_t *groups;  /* n; or ETA_NO_GROUP */
  float *hints;      /* n, ns; 0: none */
  float *ages;       /* n, ns: how long it has been running; negative: it is not */
  uint32_t *pending; /* n: how many others it waits for */
  uint32_t *offsets; /* n + 1 */
  uint32_t *dependents;
  uint32_t n_running;
} EtaRest;

typedef struct
{
  uint32_t from, to;
} EtaEdge;

void _weft_eta_rest_init (EtaRest *rest, uint32_t n);
void _weft_eta_rest_connect (EtaRest *rest, const EtaEdge *edges, uint32_t n_edges);
void _weft_eta_rest_clear (EtaRest *rest);

/* ---- playing --------------------------------------------------------------------------------- */

/* Room for plays of one rest. */
typedef struct _EtaPlay EtaPlay;

EtaPlay *_weft_eta_play_new (const EtaRest *rest, uint32_t n_workers, double delay_ns);
void _weft_eta_play_free (EtaPlay *play);
/* @ns: by task: what is left of it. Returns: when the last one ends */
double _weft_eta_play_run (EtaPlay *play, const float *ns);
/* Longest path. @chain: (out): how many tasks of each group are on it, by group; zero before.
 * Returns: its length */
double _weft_eta_chain (const EtaRest *rest, const float *ns, uint32_t *chain, uint32_t n_groups);

/* ---- durations ------------------------------------------------------------------------------- */

typedef struct _EtaDraws EtaDraws;

EtaDraws *_weft_eta_draws_new (const WeftEtaFacts *facts, const EtaRest *rest);
void _weft_eta_draws_free (EtaDraws *draws);
/* Whether anything was measured that durations can be drawn from. */
bool _weft_eta_draws_is_known (const EtaDraws *draws);
/* Whether of a task's group nothing was measured. */
bool _weft_eta_draws_is_unknown (const EtaDraws *draws, uint32_t task);
/* @ns: (out): by task: what is left of it by its group's mean; nothing of unknown ones */
void _weft_eta_draws_means (const EtaDraws *draws, float *ns);
/* Draws what groups are like, then (unless it is %NULL) @ns, by task: what is left of it. */
void _weft_eta_draws_next (EtaDraws *draws, float *ns);
/* As drawn last: the mean duration in a group, of hints of so much in the mean. */
double _weft_eta_draws_group_ns (const EtaDraws *draws, uint32_t group, double mean_hint);
/* From -3.5 to 3.5, as a normal distribution. */
double _weft_eta_draws_normal (EtaDraws *draws);

/* ---- all of it ------------------------------------------------------------------------------- */

void _weft_eta_of_rest (const WeftEtaFacts *facts, const EtaRest *rest, WeftEta *eta);
