/**
 * What a first version in Nest looks like: Express, a DTO class for the body, ValidationPipe with transform, the model in the serving
 * process. Decorators are applied by hand, as the compiler would, so that this runs without a build.
 */
import 'reflect-metadata';
import { Body, Controller, Get, HttpCode, Module, Post, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ArrayNotEmpty, IsArray } from 'class-validator';
import ort from 'onnxruntime-node';

const [port, modelPath] = process.argv.slice(2);
const session = await ort.InferenceSession.create(modelPath, { intraOpNumThreads: 1, interOpNumThreads: 1 });

class PredictRequest {}
IsArray()(PredictRequest.prototype, 'data');
ArrayNotEmpty()(PredictRequest.prototype, 'data');
IsArray({ each: true })(PredictRequest.prototype, 'data');

class PredictController {
  ready() {
    return {};
  }

  async predict({ data }) {
    const tensor = new ort.Tensor('float32', Float32Array.from(data.flat()), [data.length, data[0].length]);
    const { label } = await session.run({ X: tensor }, ['label']);
    return { predictions: Array.from(label.data, Number), model_used: 'current' };
  }
}

const method = (name, parameterTypes, ...decorators) => {
  const { prototype } = PredictController;
  Reflect.defineMetadata('design:paramtypes', parameterTypes, prototype, name);
  for (const decorate of decorators) decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
};

method('ready', [], Get());
method('predict', [PredictRequest], Post('predict'), HttpCode(200));
Body()(PredictController.prototype, 'predict', 0);
Controller()(PredictController);

class AppModule {}
Module({ controllers: [PredictController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.useGlobalPipes(new ValidationPipe({ transform: true, whitelist: true }));
await app.listen(Number(port), '127.0.0.1');
