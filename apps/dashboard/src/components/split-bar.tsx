import { Box, Text } from '@mantine/core';
import { formatSplit } from '../format';
import { texts } from '../texts/en';
import classes from './split-bar.module.css';

interface SplitBarProps {
  /** The share of requests that current answers, from 0 to 1. */
  readonly canaryProbability: number;
}

/** Who answers how much: both shares in words, and as a bar in which next is hatched. */
export function SplitBar({ canaryProbability }: SplitBarProps) {
  const words = texts.split.words(formatSplit(canaryProbability), formatSplit(1 - canaryProbability));
  return (
    <Box>
      <div className={classes['bar']} role="img" aria-label={words}>
        <div className={classes['current']} style={{ flexGrow: canaryProbability }} />
        <div className={classes['next']} style={{ flexGrow: 1 - canaryProbability }} />
      </div>
      <Text size="sm" mt={4}>
        {words}
      </Text>
    </Box>
  );
}
