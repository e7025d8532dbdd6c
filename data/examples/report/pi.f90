! pi.f90: an example program in Fortran that reports its own tasks
!
! SPDX-License-Identifier: BSD-3-Clause
!
!   gfortran weft_client.f90 pi.f90 -o pi $(pkg-config --libs weftline-1)
!   ./pi [FILE]
program pi
  use weft_client
  implicit none

  integer, parameter :: n_blocks = 20, block = 500000
  character (len=1024), target :: file
  character (kind=c_char, len=3), target :: name = 'pi' // c_null_char
  type (c_ptr) :: client, path
  integer (c_int32_t) :: group
  integer (c_int64_t) :: span
  integer :: i, k
  real (8) :: x, total = 0

  path = c_null_ptr
  if (command_argument_count () > 0) then
    call get_command_argument (1, file)
    file = trim (file) // c_null_char
    path = c_loc (file)
  end if
  client = weft_client_open_as (c_loc (name), c_null_ptr, path)
  group = weft_client_group (client, 'block' // c_null_char)

  do i = 0, n_blocks - 1
    span = weft_client_begin (client, group)
    do k = 1, block
      x = (i * block + k - 0.5_8) / (n_blocks * block)
      total = total + 4 / (1 + x * x)
    end do
    call weft_client_end (client, span, 8_c_int64_t)
  end do

  call weft_client_close (client, int (weft_client_done, c_int))
  print '(f8.5)', total / (n_blocks * block)
end program
