import React, { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

function Weather() {
  const [days, setDays] = useState([]);
  useEffect(() => {
    fetch('/api/weather')
      .then((answer) => answer.json())
      .then(setDays);
  }, []);
  return (
    <table>
      <tbody>
        {days.map((day) => (
          <tr key={day.date}>
            <td>{day.date}</td>
            <td>{day.celsius} °C</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

createRoot(document.getElementById('root')).render(<Weather />);
