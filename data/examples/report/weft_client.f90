! weft_client.f90: the client library for Fortran, as far as most programs need it
!
! SPDX-License-Identifier: BSD-3-Clause
!
! Texts are C's: trim (name) // c_null_char. What weft-client.h says of the functions holds here too.
module weft_client
  use, intrinsic :: iso_c_binding
  implicit none

  enum, bind (c)
    enumerator :: weft_client_done = 0, weft_client_failed = 1, weft_client_cancelled = 2
  end enum
  enum, bind (c)
    enumerator :: weft_client_managed = 0, weft_client_spilled = 1, weft_client_resident = 2, &
      weft_client_limit = 3
  end enum

  interface
    ! name, worker and file may be c_null_ptr
    type (c_ptr) function weft_client_open_as (name, worker, file) bind (c)
      import :: c_ptr
      type (c_ptr), value :: name, worker, file
    end function

    subroutine weft_client_close (client, phase) bind (c)
      import :: c_ptr, c_int
      type (c_ptr), value :: client
      integer (c_int), value :: phase
    end subroutine

    integer (c_int32_t) function weft_client_group (client, name) bind (c)
      import :: c_ptr, c_char, c_int32_t
      type (c_ptr), value :: client
      character (kind=c_char), intent (in) :: name(*)
    end function

    integer (c_int32_t) function weft_client_task (client, key, inputs, n_inputs) bind (c)
      import :: c_ptr, c_char, c_int32_t
      type (c_ptr), value :: client
      character (kind=c_char), intent (in) :: key(*)
      integer (c_int32_t), intent (in) :: inputs(*)
      integer (c_int32_t), value :: n_inputs
    end function

    integer (c_int64_t) function weft_client_begin (client, what) &
        bind (c, name='weft_client_span_begin')
      import :: c_ptr, c_int32_t, c_int64_t
      type (c_ptr), value :: client
      integer (c_int32_t), value :: what
    end function

    subroutine weft_client_end (client, span, n_bytes) bind (c, name='weft_client_span_end')
      import :: c_ptr, c_int64_t
      type (c_ptr), value :: client
      integer (c_int64_t), value :: span, n_bytes
    end subroutine

    subroutine weft_client_fail (client, span, kind, message) bind (c)
      import :: c_ptr, c_int64_t, c_char
      type (c_ptr), value :: client
      integer (c_int64_t), value :: span
      character (kind=c_char), intent (in) :: kind(*), message(*)
    end subroutine

    subroutine weft_client_memory (client, what, n_bytes) bind (c)
      import :: c_ptr, c_int, c_int64_t
      type (c_ptr), value :: client
      integer (c_int), value :: what
      integer (c_int64_t), value :: n_bytes
    end subroutine

    integer (c_int64_t) function weft_client_dropped (client) bind (c)
      import :: c_ptr, c_int64_t
      type (c_ptr), value :: client
    end function
  end interface
end module
