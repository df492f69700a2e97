import { Body, Controller, Get, NotFoundException, Param, Post } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsDateString, IsNotEmpty } from 'class-validator';
import { Repository } from 'typeorm';
import { Booking } from './booking.entity';

class NewBooking {
  @IsNotEmpty()
  room: string;

  @IsDateString()
  day: string;

  @IsNotEmpty()
  guest: string;
}

@Controller('bookings')
export class BookingsController {
  constructor(@InjectRepository(Booking) private readonly bookings: Repository<Booking>) {}

  @Get()
  all() {
    return this.bookings.find({ order: { day: 'ASC' }, take: 100 });
  }

  @Get(':id')
  async one(@Param('id') id: string) {
    const found = await this.bookings.findOneBy({ id });
    if (!found) throw new NotFoundException();
    return found;
  }

  @Post()
  add(@Body() booking: NewBooking) {
    return this.bookings.save(booking);
  }
}
