import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Module, Controller, Get } from '@nestjs/common';
import { SwaggerModule, DocumentBuilder } from '@nestjs/swagger';
import { IsString } from 'class-validator';
@Controller()
class C { @Get() x() { return {}; } }
class D { @IsString() a!: string; }
@Module({ controllers: [C] })
class M {}
const app = await NestFactory.create(M, { logger: false });
SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, new DocumentBuilder().build()));
await app.listen(0);
console.log(performance.now(), D.name);
setTimeout(() => { console.log(process.memoryUsage().rss / 1e6); process.exit(); }, 2000);
