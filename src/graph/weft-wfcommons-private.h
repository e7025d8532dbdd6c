/* weft-wfcommons-private.h: what a WfCommons file says, between reading and building
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The format names a task in several places (its definition, its neighbours' lists, the record of
 * its execution) and a file in several more, in any order. So the file is first gathered into flat
 * arrays with all names interned; then tasks are built (wfcommons-build.c).
 */
#pragma once

#include "base/weft-intern-private.h"
#include "graph/weft-read-edges-private.h"

/* A task that would have more outputs has one for all its files. */
#define WEFT_WFCOMMONS_MAX_OUTPUTS 64

typedef struct
{
  uint32_t key;     /* in keys */
  uint32_t name;    /* in names, or WEFT_NONE */
  uint32_t program; /* in names, or WEFT_NONE */
  uint32_t machine; /* string of the builder, or WEFT_NONE */
  int64_t runtime_ns;
  uint32_t inputs, n_inputs;   /* in input_files */
  uint32_t outputs, n_outputs; /* in output_files */
  uint32_t n_numbers;          /* outputs its files are in, 1 at least */
  bool has_outputs;            /* a list of them, perhaps empty */
  WeftCallLocation place;
} WeftWfTask;

/* An entry of a task's list of parents or children. */
typedef struct
{
  uint32_t task; /* whose list it is */
  uint32_t key;
  bool is_child;
  WeftCallLocation place;
} WeftWfRelation;

typedef struct
{
  const char *file;
  WeftIntern keys, names, files;
  WeftWfTask *tasks;
  uint32_t n_tasks;
  size_t tasks_room;
  uint32_t *task_of_key; /* WEFT_NONE: only mentioned */
  size_t task_of_key_room;
  uint32_t n_keys;        /* entries of task_of_key that are set */
  WeftWfTask *executions; /* what was measured, by key; runtime, machine, program */
  size_t n_executions, executions_room;
  WeftWfRelation *relations;
  size_t n_relations, relations_room;
  uint32_t *input_files;
  size_t n_input_files, input_files_room;
  uint32_t *output_files;
  size_t n_output_files, output_files_room;
  uint32_t *output_numbers; /* by entry of output_files: which output of its task it is in */
  uint32_t *maker_offsets;  /* files.n + 1 */
  WeftTaskOutput *makers;   /* by file: task, and the entry in output_files */
  uint64_t *file_bytes;     /* by file; UINT64_MAX unknown */
  size_t n_file_bytes, file_bytes_room;
} WeftWfWorkflow;

/* @maker: a parent of @task that makes one of its input files: the entry in output_files */
typedef void (*WeftWfInputFunc) (uint32_t task, WeftTaskOutput maker, void *data);

/* @relations: sorted. @parent_of: by task, WEFT_NONE at first; marks which tasks are parents. */
void _weft_wfcommons_foreach_input (const WeftWfWorkflow *workflow, const WeftEdgeList *relations,
                                    uint32_t task, uint32_t *parent_of, WeftWfInputFunc func,
                                    void *data);
/* Fills output_numbers, makers and the tasks' n_numbers. Leaves @parent_of used: set it again. */
void _weft_wfcommons_number_outputs (WeftWfWorkflow *workflow, const WeftEdgeList *relations,
                                     uint32_t *parent_of);
/* How much of a task's name is its group: the program, where the name begins with it, as names made
 * by workflow systems do (“map_map_HEP2_1” by program map); else the name without its counter. */
size_t _weft_wfcommons_group_length (const char *name, size_t n_name, const char *program,
                                     size_t n_program);
/* Builds everything. Mistakes are the builder's, at their places. */
void _weft_wfcommons_build (WeftWfWorkflow *workflow, WeftGraphBuilder *builder);
