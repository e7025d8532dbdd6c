/* inputs.c: which task's output an input is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/weft-inputs-private.h"

uint32_t
_weft_input_source (const WeftModel *model, WeftGraph *graph, uint32_t segment, uint32_t input)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  const WeftImport *import;

  if (input < arrays->n_tasks)
    return weft_model_task_of (model, segment, input);
  import = &arrays->imports[input - arrays->n_tasks];
  if (import->kind == WEFT_IMPORT_TASK)
    return weft_model_task_of (model, import->segment, import->task);
  while (import->kind == WEFT_IMPORT_KEY && segment-- > 0)
    {
      WeftGraph *earlier = weft_model_graph (model, segment);
      uint32_t number = WEFT_NONE;

      if (earlier != NULL)
        number = weft_graph_find (earlier, weft_graph_string (graph, import->key), -1);
      if (number != WEFT_NONE)
        return weft_model_task_of (model, segment, number);
    }
  return WEFT_NONE;
}
